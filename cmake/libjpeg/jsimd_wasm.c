/* Which SIMD routines libjpeg-turbo's decoder uses in WebAssembly: those written with NEON intrinsics that pay there.
 */
#define JPEG_INTERNALS
#include "jinclude.h" /* these need each other in this order */

#include "jpeglib.h"

#include "jdct.h"
#include "jsimd.h"
#include "jsimddct.h"
#include "simd/jsimd.h"

#define CANNOT(what)                                                                                                   \
  GLOBAL(int) jsimd_can_##what(void) {                                                                                 \
    return 0;                                                                                                          \
  }
#define CAN(what)                                                                                                      \
  GLOBAL(int) jsimd_can_##what(void) {                                                                                 \
    return 1;                                                                                                          \
  }
#define IDCT_PARAMETERS                                                                                                \
  j_decompress_ptr cinfo, jpeg_component_info *component, JCOEFPTR block, JSAMPARRAY output, JDIMENSION column
#define MERGE_PARAMETERS    j_decompress_ptr cinfo, JSAMPIMAGE input, JDIMENSION group, JSAMPARRAY output
#define UPSAMPLE_PARAMETERS j_decompress_ptr cinfo, jpeg_component_info *component, JSAMPARRAY input, JSAMPARRAY *output

#define IDCT(name)                                                                                                     \
  CAN(idct_##name)                                                                                                     \
  GLOBAL(void) jsimd_idct_##name(IDCT_PARAMETERS) {                                                                    \
    jsimd_idct_##name##_neon(component->dct_table, block, output, column);                                             \
  }
#define NO_IDCT(name)                                                                                                  \
  CANNOT(idct_##name)                                                                                                  \
  GLOBAL(void) jsimd_idct_##name(IDCT_PARAMETERS) {}
#define UPSAMPLE(name, width)                                                                                          \
  CAN(name##_upsample)                                                                                                 \
  GLOBAL(void) jsimd_##name##_upsample(UPSAMPLE_PARAMETERS) {                                                          \
    jsimd_##name##_upsample_neon(cinfo->max_v_samp_factor, width, input, output);                                      \
  }
#define NO_UPSAMPLE(name)                                                                                              \
  CANNOT(name##_upsample)                                                                                              \
  GLOBAL(void) jsimd_##name##_upsample(UPSAMPLE_PARAMETERS) {}
#define NO_MERGE(name)                                                                                                 \
  CANNOT(name##_merged_upsample)                                                                                       \
  GLOBAL(void) jsimd_##name##_merged_upsample(MERGE_PARAMETERS) {}

IDCT(islow)
IDCT(2x2)
IDCT(4x4)
NO_IDCT(6x6)
NO_IDCT(12x12)
NO_IDCT(ifast)
NO_IDCT(float)
UPSAMPLE(h2v1_fancy, component->downsampled_width)
UPSAMPLE(h1v2_fancy, component->downsampled_width)
UPSAMPLE(h2v2_fancy, component->downsampled_width)
UPSAMPLE(h2v1, cinfo->output_width)
UPSAMPLE(h2v2, cinfo->output_width)
NO_UPSAMPLE(int)
NO_MERGE(h2v1)
NO_MERGE(h2v2)

CAN(ycc_rgb)
GLOBAL(void)
jsimd_ycc_rgb_convert(j_decompress_ptr cinfo, JSAMPIMAGE input, JDIMENSION row, JSAMPARRAY output, int rows) {
  jsimd_ycc_extrgb_convert_neon(cinfo->output_width, input, row, output, rows);
}
CANNOT(ycc_rgb565)
GLOBAL(void)
jsimd_ycc_rgb565_convert(j_decompress_ptr cinfo, JSAMPIMAGE input, JDIMENSION row, JSAMPARRAY output, int rows) {}
