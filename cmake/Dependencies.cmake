# The dependencies as targets: XNNPACK (with pthreadpool), cjson, stb, jpeg (in WebAssembly its decoder alone); natively
# also csv, crypto, utf8proc, EXPAT::EXPAT, hdf5, webp, cmocka and Threads::Threads from the system, and onnx_schema: ONNX's
# own onnx.proto as C, with protobuf-c.
#
# DOPPEL_DEPS holds links into the cache, made by tools/setup:
#   sources/   cjson/cJSON.{c,h}, stb/stb_image.h
#   native/    lib/libXNNPACK.a, lib/libpthreadpool.a, include/
#   wasm/      the same for WebAssembly, and lib/libXNNPACK_relaxed.a with relaxed SIMD
#   libjpeg-native/, libjpeg-wasm/    lib/libjpeg.a, include/;  libjpeg-source/  libjpeg-turbo/jpegint.h
set(DOPPEL_DEPS "${CMAKE_CURRENT_SOURCE_DIR}/.toolchain" CACHE PATH "folder that tools/setup fills")

if(EMSCRIPTEN)
  set(prebuilt "${DOPPEL_DEPS}/wasm")
  set(prebuilt_jpeg "${DOPPEL_DEPS}/libjpeg-wasm")
else()
  set(prebuilt "${DOPPEL_DEPS}/native")
  set(prebuilt_jpeg "${DOPPEL_DEPS}/libjpeg-native")
endif()
foreach(needed "${prebuilt}/lib/libXNNPACK.a" "${prebuilt_jpeg}/lib/libjpeg.a" "${DOPPEL_DEPS}/sources/cjson/cJSON.c" "${DOPPEL_DEPS}/sources/stb/stb_image.h")
  if(NOT EXISTS "${needed}")
    message(FATAL_ERROR "There is no ${needed}. Run `npm run setup`, which fetches and builds the dependencies.")
  endif()
endforeach()

add_library(pthreadpool STATIC IMPORTED)
set_target_properties(pthreadpool PROPERTIES IMPORTED_LOCATION "${prebuilt}/lib/libpthreadpool.a")
add_library(XNNPACK STATIC IMPORTED)
set_target_properties(XNNPACK PROPERTIES IMPORTED_LOCATION "${prebuilt}/lib/libXNNPACK.a")
target_include_directories(XNNPACK SYSTEM INTERFACE "${prebuilt}/include")
target_link_libraries(XNNPACK INTERFACE pthreadpool)
if(EMSCRIPTEN)
  add_library(XNNPACK_relaxed STATIC IMPORTED)
  set_target_properties(XNNPACK_relaxed PROPERTIES IMPORTED_LOCATION "${prebuilt}/lib/libXNNPACK_relaxed.a")
endif()

add_library(jpeg STATIC IMPORTED)
set_target_properties(jpeg PROPERTIES IMPORTED_LOCATION "${prebuilt_jpeg}/lib/libjpeg.a")
# The source second: for jpegint.h, which is not installed.
target_include_directories(jpeg SYSTEM INTERFACE "${prebuilt_jpeg}/include" "${DOPPEL_DEPS}/libjpeg-source/libjpeg-turbo")

add_library(cjson STATIC "${DOPPEL_DEPS}/sources/cjson/cJSON.c")
target_include_directories(cjson SYSTEM PUBLIC "${DOPPEL_DEPS}/sources/cjson")

add_library(stb INTERFACE)
target_include_directories(stb SYSTEM INTERFACE "${DOPPEL_DEPS}/sources/stb")

if(NOT EMSCRIPTEN)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
  find_package(EXPAT REQUIRED)
  target_link_libraries(XNNPACK INTERFACE Threads::Threads m)
  find_library(csv_library csv REQUIRED)
  find_library(crypto_library crypto REQUIRED)
  find_library(utf8proc_library utf8proc REQUIRED)
  find_library(webp_library webp REQUIRED)
  find_library(webpdemux_library webpdemux REQUIRED)
  find_library(cmocka_library cmocka) # needed by the unit tests alone
  foreach(name csv crypto utf8proc webp webpdemux cmocka)
    add_library(${name} UNKNOWN IMPORTED)
    set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${${name}_library}")
  endforeach()

  find_path(hdf5_headers hdf5.h PATH_SUFFIXES hdf5/serial REQUIRED)
  find_library(hdf5_library NAMES hdf5_serial hdf5 REQUIRED)
  add_library(hdf5 UNKNOWN IMPORTED)
  set_target_properties(hdf5 PROPERTIES IMPORTED_LOCATION "${hdf5_library}")
  target_include_directories(hdf5 SYSTEM INTERFACE "${hdf5_headers}")

  find_program(protoc_c protoc-c REQUIRED)
  find_path(onnx_folder onnx.proto PATH_SUFFIXES onnx REQUIRED)
  find_path(protobuf_c_headers protobuf-c/protobuf-c.h REQUIRED)
  find_library(protobuf_c_library protobuf-c REQUIRED)
  set(schema "${CMAKE_CURRENT_BINARY_DIR}/schema")
  file(MAKE_DIRECTORY "${schema}")
  add_custom_command(
    OUTPUT "${schema}/onnx.pb-c.c" "${schema}/onnx.pb-c.h"
    COMMAND "${protoc_c}" "--c_out=${schema}" "-I${onnx_folder}" onnx.proto
    DEPENDS "${onnx_folder}/onnx.proto"
    VERBATIM)
  add_library(onnx_schema STATIC "${schema}/onnx.pb-c.c" "${schema}/onnx.pb-c.h")
  target_include_directories(onnx_schema SYSTEM PUBLIC "${schema}" "${protobuf_c_headers}")
  target_link_libraries(onnx_schema PUBLIC "${protobuf_c_library}")
endif()
