#!/bin/bash -eu
# The dependencies as for `npm run fuzz`, then the targets with the engine and the sanitizer that ClusterFuzzLite chooses.
node --input-type=module -e "import('./tools/setup/prepare.mjs').then(({ dependencies }) => dependencies())"
cmake -S . -B build/lite -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DDOPPEL_FUZZ=ON -DDOPPEL_FUZZ_ENGINE="$LIB_FUZZING_ENGINE"
ninja -C build/lite $(basename -a -s .c tests/fuzz/*_fuzz.c)
for target in tests/fuzz/*_fuzz.c; do
  name=$(basename "$target" _fuzz.c)
  cp "build/lite/${name}_fuzz" "$OUT/"
  if [ -e "tests/fuzz/$name.dict" ]; then cp "tests/fuzz/$name.dict" "$OUT/${name}_fuzz.dict"; fi
  if [ -d "tests/fuzz/corpus/$name" ]; then (cd "tests/fuzz/corpus/$name" && zip -qr "$OUT/${name}_fuzz_seed_corpus.zip" .); fi
done
# The targets are linked with shared libraries, which the runner does not have.
mkdir -p "$OUT/lib"
for target in "$OUT"/*_fuzz; do
  ldd "$target" | awk '$3 ~ /^\/(usr\/)?lib/ { print $3 }' | grep -vE '/(libc|libm|libpthread|libdl|librt)\.so' | xargs -r -I{} cp -Ln {} "$OUT/lib/"
  patchelf --set-rpath '$ORIGIN/lib' "$target"
done
