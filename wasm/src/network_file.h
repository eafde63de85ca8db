/* A network file opened and checked: what it is for, how to feed and read it, its graph. Nothing is built here. */
#ifndef DOPPEL_NETWORK_FILE_H
#define DOPPEL_NETWORK_FILE_H

#include "graph.h"
#include "resample.h"

/* How the output of a network is read. */
typedef enum dpl_decoder {
  DPL_DECODER_EMBEDDING,   /* one output, batch × dimension */
  DPL_DECODER_LANDMARKS68, /* one output, batch × 136: x, y of dlib's 68 points, as shares of the input's side */
  DPL_DECODER_TINY,        /* one output, a grid of anchors × (x, y, w, h, score): decode_tiny.c */
  DPL_DECODER_SSD,         /* pairs of outputs, boxes and classes of a feature map: decode_ssd.c */
  DPL_DECODER_YUNET,       /* class, object, box and points, each at three strides: decode_points.c */
  DPL_DECODER_SCRFD,       /* scores, distances and points, each at three strides: decode_points.c */
  DPL_DECODER_RAW,         /* whatever the graph gives: for looking inside */
} dpl_decoder;

/* How a face is laid into an embedder's input. */
typedef enum dpl_alignment {
  DPL_ALIGN_POINTS, /* the five points onto the template */
  DPL_ALIGN_BOX     /* the box as it is, fitted into the middle, black around it (DeepFace without alignment) */
} dpl_alignment;

enum { DPL_MAX_ANCHORS = 16 };

typedef struct dpl_network_spec {
  dpl_network_info info;
  bool resizable; /* the input may be any multiple of `stride` */
  int stride;
  dpl_normalisation normalisation;
  dpl_decoder decoder;
  bool mirror; /* embedders: sum the vectors of the chip and its mirror image */
  bool int8;   /* multiply in int8 where weights are stored so */
  dpl_alignment alignment;
  bool has_template;
  dpl_point template[DPL_POINTS]; /* embedders: the five points, in input pixels */
  size_t anchor_count;
  dpl_point anchors[DPL_MAX_ANCHORS]; /* tiny: width and height in cells */
} dpl_network_spec;

typedef struct dpl_network_file {
  dpl_safetensors *tensors;
  dpl_network_spec spec;
  dpl_graph graph;
} dpl_network_file;

/* `bytes` must outlive the network file: tensors are views into it. */
dpl_status dpl_network_file_open(dpl_bytes bytes, dpl_network_file *file, dpl_error *error);
void dpl_network_file_close(dpl_network_file *file);

#endif
