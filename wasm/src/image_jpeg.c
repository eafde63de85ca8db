/* JPEG through libjpeg-turbo. Its errors come back by longjmp; its warnings say which rows of the picture are missing
   or damaged. Its texts are not used: they are not made for the people who read ours. */
#include "image_jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

#include "image_jpeg_dc.h"
#include "status.h"

/* Each scan of a progressive JPEG costs a pass over the picture, and empty ones take a few bytes. Encoders write about
   ten; the work is limited too, in samples, so that a large picture cannot have a hundred. */
enum { MAX_SCANS = 100 };
static const double MAX_WORK = 4e9;

enum { MISSING = 128 }; /* what libjpeg decodes missing data to */

typedef struct decoder {
  dpl_jpeg_dc dc; /* first: client_data points to it */
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  jmp_buf failed;
  dpl_jpeg_answer *answer;
  dpl_jpeg_rows *rows;              /* to be kept, or to be used */
  dpl_jpeg_decode_unit decode_unit; /* libjpeg's own, where another one is called in its place */
  uint8_t *line;                    /* one of a four-colour picture */
  bool watching;                    /* warnings are about the picture's rows */
  bool exhausted;                   /* the file ended before the picture did */
  bool no_memory, too_much;
  double work;
} decoder;

/* ---- errors and warnings ---- */

static void add_gap(decoder *d, int first, int end);
static void note_damage(decoder *d);

static void give_up(j_common_ptr common) {
  decoder *d = (decoder *)common->client_data;
  d->no_memory = common->err->msg_code == JERR_OUT_OF_MEMORY;
  longjmp(d->failed, 1);
}

static void take_message(j_common_ptr common, int level) {
  decoder *d = (decoder *)common->client_data;
  if (level >= 0 || !d->watching) return;
  const int code = common->err->msg_code;
  if (code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_MUST_RESYNC) note_damage(d);
}

static void say_nothing(j_common_ptr common) {
  (void)common;
}
static void forget_messages(j_common_ptr common) {
  common->err->num_warnings = 0;
}

/* Rows of the picture that one row of its units takes. */
static int unit_rows(const decoder *d) {
  return d->jpeg.max_v_samp_factor * DCTSIZE;
}

/* The decoder is at some unit of this row of units and has lost its place. With restart markers it finds it again where
   the next interval begins, else nowhere. */
static void note_damage(decoder *d) {
  const struct jpeg_decompress_struct *jpeg = &d->jpeg;
  const int first = (int)jpeg->input_iMCU_row * unit_rows(d);
  int end = (int)jpeg->image_height;
  if (jpeg->restart_interval && !d->exhausted && jpeg->MCUs_per_row) {
    const uint64_t lines = jpeg->comps_in_scan == 1 ? (uint64_t)jpeg->cur_comp_info[0]->v_samp_factor : 1;
    const uint64_t last = ((uint64_t)jpeg->input_iMCU_row + 1) * lines * jpeg->MCUs_per_row - 1;
    const uint64_t next = (last / jpeg->restart_interval + 1) * jpeg->restart_interval;
    const uint64_t row = (next - 1) / jpeg->MCUs_per_row / lines + 1, rows = row * (uint64_t)unit_rows(d);
    if (rows < (uint64_t)end) end = (int)rows;
  }
  add_gap(d, first, end);
}

/* Smoothing spreads damage by a row of units at most. */
static void add_gap(decoder *d, int first, int end) {
  const int height = (int)d->jpeg.image_height, width = (int)d->jpeg.image_width;
  dpl_gaps *gaps = &d->answer->gaps;
  if (first >= height) first = height - 1;
  if (end > height) end = height;
  gaps->cut = gaps->cut || end == height;
  for (int i = 0; i < gaps->count; i++) { /* joins what it touches; of too many the last two are one */
    dpl_rectangle *gap = &gaps->rectangles[i];
    const bool touches = first <= gap->end_y && end >= gap->first_y;
    if (!touches && !(i == DPL_MAX_GAPS - 1)) continue;
    if (first < gap->first_y) gap->first_y = first;
    if (end > gap->end_y) gap->end_y = end;
    return;
  }
  gaps->rectangles[gaps->count++] = (dpl_rectangle){0, first, width, end};
}

/* ---- bytes ---- */

static void nothing_to_do(j_decompress_ptr jpeg) {
  (void)jpeg;
}

/* There is no more: an end marker, as libjpeg's own sources say then. */
static boolean end_here(j_decompress_ptr jpeg) {
  static const JOCTET END[2] = {0xFF, JPEG_EOI};
  ((decoder *)jpeg->client_data)->exhausted = true;
  jpeg->src->next_input_byte = END;
  jpeg->src->bytes_in_buffer = sizeof END;
  return TRUE;
}

static void skip_bytes(j_decompress_ptr jpeg, long count) {
  if (count <= 0) return;
  const size_t left = jpeg->src->bytes_in_buffer, skipped = (size_t)count < left ? (size_t)count : left;
  jpeg->src->next_input_byte += skipped;
  jpeg->src->bytes_in_buffer -= skipped;
  if (skipped < (size_t)count) end_here(jpeg);
}

/* ---- work ---- */

/* Called for each row of units of each scan. */
static void count_work(j_common_ptr common) {
  decoder *d = (decoder *)common->client_data;
  const struct jpeg_decompress_struct *jpeg = &d->jpeg;
  d->work += (double)jpeg->image_width * unit_rows(d) * (jpeg->comps_in_scan > 1 ? 1.5 : 1);
  d->too_much = jpeg->input_scan_number > MAX_SCANS || d->work > MAX_WORK;
  if (d->too_much) longjmp(d->failed, 1);
}

/* ---- rows of units ---- */

static boolean decode_and_keep_row(j_decompress_ptr jpeg, JBLOCKROW *blocks) {
  decoder *d = (decoder *)jpeg->client_data;
  dpl_jpeg_rows *rows = d->rows;
  if (jpeg->input_iMCU_row == rows->count) rows->places[rows->count++] = dpl_jpeg_row_here(jpeg);
  return d->decode_unit(jpeg, blocks);
}

/* libjpeg passes no blocks for rows above a part, whose data need not be read. */
static boolean go_to_part(j_decompress_ptr jpeg, JBLOCKROW *blocks) {
  decoder *d = (decoder *)jpeg->client_data;
  if (!blocks) return TRUE;
  dpl_jpeg_replace_decode_unit(jpeg, d->decode_unit);
  dpl_jpeg_go_to_row(jpeg, &d->rows->places[jpeg->input_iMCU_row]);
  return d->decode_unit(jpeg, blocks);
}

static void use_rows(decoder *d, dpl_jpeg_rows *rows, bool whole) {
  d->rows = rows;
  if (!rows || jpeg_has_multiple_scans(&d->jpeg)) return;
  if (whole && !rows->places) rows->places = calloc(d->jpeg.total_iMCU_rows, sizeof *rows->places);
  if (!rows->places || rows->count != (whole ? 0 : d->jpeg.total_iMCU_rows)) return;
  d->decode_unit = dpl_jpeg_replace_decode_unit(&d->jpeg, whole ? decode_and_keep_row : go_to_part);
}

/* ---- pixels ---- */

/* Adobe stores inverted inks: colour · black, rounded. */
static void inks_to_rgb(const uint8_t *inks, int count, uint8_t *rgb) {
  for (int i = 0; i < count; i++, inks += 4)
    for (int colour = 0; colour < 3; colour++) {
      const unsigned product = (unsigned)inks[colour] * inks[3] + 128;
      *rgb++ = (uint8_t)((product + (product >> 8)) >> 8);
    }
}

static void open_file(decoder *d, dpl_bytes file) {
  d->errors = (struct jpeg_error_mgr){.error_exit = give_up,
                                      .emit_message = take_message,
                                      .output_message = say_nothing,
                                      .reset_error_mgr = forget_messages};
  d->jpeg.err = &d->errors;
  d->jpeg.client_data = d;
  jpeg_create_decompress(&d->jpeg);
  d->source = (struct jpeg_source_mgr){.next_input_byte = file.data,
                                       .bytes_in_buffer = file.size,
                                       .init_source = nothing_to_do,
                                       .fill_input_buffer = end_here,
                                       .skip_input_data = skip_bytes,
                                       .resync_to_restart = jpeg_resync_to_restart,
                                       .term_source = nothing_to_do};
  d->progress.progress_monitor = count_work;
  d->jpeg.src = &d->source;
  d->jpeg.progress = &d->progress;
}

/* False where libjpeg sees another picture than the header that the limits were checked on. */
static bool read_jpeg_header(decoder *d, const dpl_image_header *header, int reduce) {
  jpeg_read_header(&d->jpeg, TRUE);
  if ((int)d->jpeg.image_width != header->width || (int)d->jpeg.image_height != header->height) return false;
  d->jpeg.out_color_space = d->jpeg.num_components == 4 ? JCS_CMYK : JCS_RGB;
  d->jpeg.scale_num = 1;
  d->jpeg.scale_denom = (unsigned)reduce;
  return true;
}

/* Scans that never came: all of the picture lacks something, though it may be little. */
static bool lacks_scans(const decoder *d) {
  const struct jpeg_decompress_struct *jpeg = &d->jpeg;
  for (int i = 0; i < jpeg->num_components; i++) {
    if (!jpeg->comp_info[i].quant_table) return true;
    for (int k = 0; jpeg->coef_bits && d->exhausted && k < DCTSIZE2; k++)
      if (jpeg->coef_bits[i][k] != 0) return true;
  }
  return false;
}

/* Sets the size of what is decoded; `skipped` are the rows above it. */
static void choose_part(decoder *d, dpl_jpeg_request request, JDIMENSION *skipped) {
  dpl_jpeg_answer *answer = d->answer;
  JDIMENSION left = 0, top = 0, width = d->jpeg.output_width, height = d->jpeg.output_height;
  if (request.part) {
    const dpl_rectangle part = *request.part;
    const JDIMENSION reduce = (JDIMENSION)request.reduce;
    left = (JDIMENSION)part.first_x / reduce, top = (JDIMENSION)part.first_y / reduce;
    const JDIMENSION right = ((JDIMENSION)part.end_x + reduce - 1) / reduce,
                     bottom = ((JDIMENSION)part.end_y + reduce - 1) / reduce;
    width = (right < width ? right : width) - left, height = (bottom < height ? bottom : height) - top;
    if (width < d->jpeg.output_width) jpeg_crop_scanline(&d->jpeg, &left, &width);
  }
  answer->first_x = (int)left * request.reduce, answer->first_y = (int)top * request.reduce;
  answer->image = (dpl_image){.width = (int)width, .height = (int)height};
  *skipped = top;
}

/* Reads rows until there are `answer->image.height`; *done says how many there are at any time. */
static void read_lines(decoder *d, volatile int *done) {
  const dpl_image *image = &d->answer->image;
  const size_t length = (size_t)image->width * 3;
  while (*done < image->height) {
    uint8_t *at = image->pixels + (size_t)*done * length;
    JSAMPROW rows[16];
    int count = 0;
    for (; count < 16 && *done + count < image->height; count++) rows[count] = at + (size_t)count * length;
    if (d->line) rows[0] = d->line, count = 1;
    const int got = (int)jpeg_read_scanlines(&d->jpeg, rows, (JDIMENSION)count);
    if (d->line && got) inks_to_rgb(d->line, image->width, at);
    *done += got;
  }
}

static void fill_from(dpl_image *image, int row) {
  const size_t length = (size_t)image->width * 3;
  memset(image->pixels + (size_t)row * length, MISSING, (size_t)(image->height - row) * length);
}

static dpl_status jpeg_failure(const decoder *d, const dpl_image_header *header, dpl_error *error) {
  if (d->no_memory) return dpl_no_memory_for(header->width, header->height, error);
  if (d->too_much)
    return dpl_fail(error, DPL_DAMAGED_IMAGE,
                    "The JPEG has more scans than a picture of its size needs, which no camera writes; save it again.");
  if (d->exhausted)
    return dpl_fail(error, DPL_DAMAGED_IMAGE, "The JPEG is cut short before its pixels; save or download it again.");
  return dpl_fail(error, DPL_DAMAGED_IMAGE, "The JPEG is damaged and cannot be decoded; save or download it again.");
}

/* `lost`: whether that is because scans were passed over; NULL: none may be. */
static dpl_status decode(dpl_bytes file, const dpl_image_header *header, dpl_jpeg_request request,
                         dpl_jpeg_answer *answer, bool *lost, dpl_error *error) {
  *answer = (dpl_jpeg_answer){0};
  decoder *d = calloc(1, sizeof *d);
  if (!d) return dpl_no_memory_for(header->width, header->height, error);
  d->answer = answer;
  volatile int done = 0;
  volatile bool fine = false;
  if (!setjmp(d->failed)) {
    open_file(d, file);
    if (read_jpeg_header(d, header, request.reduce)) {
      d->watching = !request.part || jpeg_has_multiple_scans(&d->jpeg);
      answer->passed_over = lost && request.reduce == DCTSIZE && d->jpeg.progressive_mode;
      if (answer->passed_over) dpl_jpeg_dc_only(&d->jpeg, &d->dc);
      jpeg_start_decompress(&d->jpeg);
      if (d->watching && lacks_scans(d)) add_gap(d, 0, header->height);
      use_rows(d, request.rows, !request.part);
      JDIMENSION skipped = 0;
      choose_part(d, request, &skipped);
      size_t size = 0;
      d->no_memory = dpl_image_size(answer->image.width, answer->image.height, &size, NULL) != DPL_OK ||
                     !(answer->image.pixels = dpl_in_huge_pages(malloc(size), size)) ||
                     (d->jpeg.num_components == 4 && !(d->line = calloc((size_t)answer->image.width, 4)));
      if (!d->no_memory) {
        if (skipped) jpeg_skip_scanlines(&d->jpeg, skipped);
        read_lines(d, &done);
        fine = true;
      }
    }
  }
  /* What was decoded before the file became unreadable is as good as that of a file that ends there. */
  if (lost) *lost = d->dc.lost;
  const bool some = !fine && done > 0 && !d->no_memory && !d->too_much;
  if (some) fill_from(&answer->image, done);
  if (some && d->watching) add_gap(d, (int)d->jpeg.input_iMCU_row * unit_rows(d), header->height);
  const dpl_status status = fine || some ? DPL_OK : jpeg_failure(d, header, error);
  jpeg_destroy_decompress(&d->jpeg);
  free(d->line);
  free(d);
  if (status) free(answer->image.pixels), answer->image.pixels = NULL;
  return status;
}

dpl_status dpl_jpeg_decode(dpl_bytes file, const dpl_image_header *header, dpl_jpeg_request request,
                           dpl_jpeg_answer *answer, dpl_error *error) {
  bool lost = false;
  const dpl_status status = decode(file, header, request, answer, &lost, error);
  return lost ? decode(file, header, request, answer, NULL, error) : status;
}
