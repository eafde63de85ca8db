# The WebAssembly module: build/wasm/doppel.mjs and doppel.wasm, an ES6 module without file system, one thread, simd128;
# and relaxed/doppel.wasm, the same with XNNPACK's kernels for relaxed SIMD, to which the same doppel.mjs fits.
# What it exports is marked EMSCRIPTEN_KEEPALIVE in wasm/src/wasm_exports*.c.
file(GLOB exports_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/wasm/src/wasm_exports*.c")
if(NOT exports_sources)
  message(WARNING "There are no wasm/src/wasm_exports*.c: only the library is built.")
  return()
endif()

set(options
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

foreach(module doppel_module doppel_relaxed)
  add_executable(${module} ${exports_sources})
  target_include_directories(${module} PRIVATE wasm/src)
  target_link_options(${module} PRIVATE ${options})
  set_target_properties(${module} PROPERTIES OUTPUT_NAME doppel SUFFIX ".mjs")
endforeach()
set_target_properties(doppel_relaxed PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/relaxed")
target_link_libraries(doppel_module PRIVATE doppel_library doppel_warnings)
# Of two archives that define the same, the linker takes the first.
target_link_libraries(doppel_relaxed PRIVATE XNNPACK_relaxed doppel_library doppel_warnings)
