# The WebAssembly module: build/wasm/doppel.mjs and doppel.wasm. An ES6 module without file system, one thread, simd128.
# What it exports is marked EMSCRIPTEN_KEEPALIVE in wasm/src/wasm_exports.c.
set(exports_source "${CMAKE_CURRENT_SOURCE_DIR}/wasm/src/wasm_exports.c")
if(NOT EXISTS "${exports_source}")
  message(WARNING "There is no wasm/src/wasm_exports.c: only the library is built.")
  return()
endif()

add_executable(doppel_module "${exports_source}")
target_include_directories(doppel_module PRIVATE wasm/src)
target_link_libraries(doppel_module PRIVATE doppel_library doppel_warnings)
set_target_properties(doppel_module PROPERTIES OUTPUT_NAME doppel SUFFIX ".mjs")
target_link_options(
  doppel_module
  PRIVATE
  -O3
  -msimd128
  --no-entry
  -sENVIRONMENT=web,worker,node
  -sEXPORT_ES6=1
  -sMODULARIZE=1
  -sEXPORT_NAME=createDoppel
  -sFILESYSTEM=0
  -sMALLOC=dlmalloc
  -sALLOW_MEMORY_GROWTH=1
  -sMAXIMUM_MEMORY=1073741824
  -sINITIAL_MEMORY=16777216
  -sSTACK_SIZE=1048576
  -sINCOMING_MODULE_JS_API=wasmBinary,locateFile,instantiateWasm,print,printErr
  -sEXPORTED_RUNTIME_METHODS=HEAPU8,HEAPU32,HEAP32,HEAPF32,UTF8ToString,stringToUTF8,lengthBytesUTF8
  -sEXPORTED_FUNCTIONS=_malloc,_free
  -sDYNAMIC_EXECUTION=0)
