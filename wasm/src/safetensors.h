/* The .safetensors container: u64 header length, JSON header, tensor data. Reading gives checked views into the
   caller's bytes; writing gives a file in memory. Knows nothing of networks or galleries. */
#ifndef DOPPEL_SAFETENSORS_H
#define DOPPEL_SAFETENSORS_H

#include "doppel.h"

#define DPL_MAX_RANK 6

typedef enum dpl_dtype { DPL_F32, DPL_F16, DPL_U8, DPL_I8, DPL_U16, DPL_U32, DPL_I32, DPL_I64 } dpl_dtype;

typedef struct dpl_tensor {
  const char *name; /* owned by the dpl_safetensors */
  dpl_dtype dtype;
  size_t rank, shape[DPL_MAX_RANK];
  size_t count;        /* elements */
  const uint8_t *data; /* into the caller's bytes, or the caller's own when writing; may be unaligned */
} dpl_tensor;

typedef struct dpl_safetensors dpl_safetensors;

/* Every tensor is checked: known dtype, no overflow, inside the file, offsets agree with shape. Offsets and the
   header's size are hostile until then. `damaged` is the status to fail with (DPL_DAMAGED_NETWORK / _GALLERY). The
   views point into `file`, which must outlive the handle. */
dpl_status dpl_safetensors_open(dpl_bytes file, dpl_status damaged, dpl_safetensors **handle, dpl_error *error);
const char *dpl_safetensors_metadata(const dpl_safetensors *handle, const char *key); /* NULL where there is none */
size_t dpl_safetensors_count(const dpl_safetensors *handle);
const dpl_tensor *dpl_safetensors_at(const dpl_safetensors *handle, size_t index);
const dpl_tensor *dpl_safetensors_find(const dpl_safetensors *handle, const char *name); /* NULL where there is none */
void dpl_safetensors_close(dpl_safetensors *handle);

/* Writes tensors in the order given with one metadata key (`doppel`). The data section begins at a multiple of 64
   bytes; there are no holes between tensors, as the format demands, so a tensor may be unaligned. The same input gives
   the same bytes. *file comes from malloc and belongs to the caller. */
dpl_status dpl_safetensors_write(const dpl_tensor *tensors, size_t count, const char *metadata, uint8_t **file,
                                 size_t *size, dpl_error *error);

size_t dpl_dtype_size(dpl_dtype dtype);
const char *dpl_dtype_name(dpl_dtype dtype);

#endif
