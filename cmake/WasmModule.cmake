# The WebAssembly modules, ES6 without a file system: build/wasm/doppel.mjs with doppel.wasm (simd128), and relaxed/doppel.wasm,
# the same with XNNPACK's kernels for relaxed SIMD. What they export is marked EMSCRIPTEN_KEEPALIVE in wasm/src/wasm_exports*.c.
file(GLOB exports_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/wasm/src/wasm_exports*.c")
if(NOT exports_sources)
  message(WARNING "There are no wasm/src/wasm_exports*.c: only the library is built.")
  return()
endif()

set(options
  -O3
  -msimd128
  -mbulk-memory # for the C library's large copies and fills; every browser that has SIMD has it
  --no-entry
  -sENVIRONMENT=web,worker,node
  -sEXPORT_ES6=1
  -sMODULARIZE=1
  -sEXPORT_NAME=createDoppel
  -sFILESYSTEM=0
  -sMALLOC=dlmalloc
  -sALLOW_MEMORY_GROWTH=1
  -sMEMORY_GROWTH_LINEAR_STEP=4194304 # not by a fifth, which a page would hold for nothing
  -sMAXIMUM_MEMORY=1073741824
  -sINITIAL_MEMORY=16777216
  -sSTACK_SIZE=1048576
  -sEXPORTED_RUNTIME_METHODS=HEAPU8,HEAPU32,HEAP32,HEAPF32,UTF8ToString,stringToUTF8,lengthBytesUTF8
  -sEXPORTED_FUNCTIONS=_malloc,_free
  -sDYNAMIC_EXECUTION=0
  -sINCOMING_MODULE_JS_API=wasmBinary,locateFile,instantiateWasm,print,printErr
  -sSUPPORT_LONGJMP=wasm # how libjpeg-turbo's errors come back
  -sBINARYEN_EXTRA_PASSES=--one-caller-inline-max-function-size=100) # see below
# FOLDER is empty or relaxed; of two archives that define the same symbol, the linker takes the first.
function(add_module folder)
  string(REPLACE "/" "_" name "doppel_module_${folder}")
  add_executable(${name} ${exports_sources})
  target_include_directories(${name} PRIVATE wasm/src)
  set_target_properties(${name} PROPERTIES OUTPUT_NAME doppel SUFFIX ".mjs"
                                           RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/${folder}")
  target_link_options(${name} PRIVATE ${options})
  if(folder STREQUAL "relaxed")
    target_link_libraries(${name} PRIVATE XNNPACK_relaxed)
  endif()
  target_link_libraries(${name} PRIVATE doppel_library doppel_warnings)
endfunction()

add_module("")
add_module(relaxed)

# Browsers compile a function once more, well, when it has run for a while, on the cores that a first visit needs for
# itself, and in a time that grows faster than the function. Loops that had gone into their only callers, and these into
# theirs, made of stb_image and of cJSON the two functions that took longest of all. So functions stay apart.
set_property(SOURCE "${CMAKE_CURRENT_SOURCE_DIR}/wasm/src/image_stb.c" APPEND PROPERTY COMPILE_OPTIONS -fno-inline-functions)
target_compile_options(cjson PRIVATE -Os -fno-inline-functions)

# The only file that calls setjmp and longjmp.
set_property(SOURCE "${CMAKE_CURRENT_SOURCE_DIR}/wasm/src/image_jpeg.c" APPEND PROPERTY COMPILE_OPTIONS -sSUPPORT_LONGJMP=wasm)
