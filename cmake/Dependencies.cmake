# The dependencies as targets: XNNPACK (with pthreadpool), cjson, stb; natively also csv, md, JPEG::JPEG, EXPAT::EXPAT,
# cmocka and Threads::Threads from the system.
#
# DOPPEL_DEPS holds links into the cache, made by tools/setup:
#   sources/   cjson/cJSON.{c,h}, stb/stb_image.h
#   native/    lib/libXNNPACK.a, lib/libpthreadpool.a, include/
#   wasm/      the same for WebAssembly
set(DOPPEL_DEPS "${CMAKE_CURRENT_SOURCE_DIR}/.toolchain" CACHE PATH "folder that tools/setup fills")

if(EMSCRIPTEN)
  set(prebuilt "${DOPPEL_DEPS}/wasm")
else()
  set(prebuilt "${DOPPEL_DEPS}/native")
endif()
foreach(needed "${prebuilt}/lib/libXNNPACK.a" "${DOPPEL_DEPS}/sources/cjson/cJSON.c" "${DOPPEL_DEPS}/sources/stb/stb_image.h")
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

add_library(cjson STATIC "${DOPPEL_DEPS}/sources/cjson/cJSON.c")
target_include_directories(cjson SYSTEM PUBLIC "${DOPPEL_DEPS}/sources/cjson")

add_library(stb INTERFACE)
target_include_directories(stb SYSTEM INTERFACE "${DOPPEL_DEPS}/sources/stb")

if(NOT EMSCRIPTEN)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
  find_package(JPEG REQUIRED)
  find_package(EXPAT REQUIRED)
  target_link_libraries(XNNPACK INTERFACE Threads::Threads m)
  find_library(csv_library csv REQUIRED)
  find_library(md_library md REQUIRED)
  find_library(cmocka_library cmocka) # needed by the unit tests alone
  foreach(name csv md cmocka)
    add_library(${name} UNKNOWN IMPORTED)
    set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${${name}_library}")
  endforeach()
endif()
