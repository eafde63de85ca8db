/* Walks protobuf's wire format along the generated descriptors; keeps nothing. */
#include "onnx_wire.h"

enum {
  MOST_NESTING = 32,     /* a weight within an attribute is 5 deep, a subgraph adds 3 */
  MOST_FIELDS = 1 << 20, /* of all messages together: memory of some 300 bytes each */
};

typedef enum wire_type { WIRE_VARINT, WIRE_64_BITS, WIRE_LENGTH, WIRE_32_BITS = 5 } wire_type;

typedef struct walk {
  const uint8_t *start;
  size_t fields;
  sentence *why;
} walk;

static bool broken_at(const walk *w, const uint8_t *at) {
  return fail(w->why, "It is no ONNX file, or damaged or cut short: its bytes make no sense from %zu on.",
              (size_t)(at - w->start));
}

/* False at the end or where the number is longer than 64 bits. */
static bool read_varint(const uint8_t **at, const uint8_t *end, uint64_t *value) {
  *value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (*at == end) return false;
    const uint8_t byte = *(*at)++;
    if (shift < 64) *value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

static bool skip_number(const uint8_t **at, const uint8_t *end, wire_type type) {
  uint64_t ignored;
  if (type == WIRE_VARINT) return read_varint(at, end, &ignored);
  const size_t size = type == WIRE_64_BITS ? 8 : 4;
  if ((type != WIRE_64_BITS && type != WIRE_32_BITS) || (size_t)(end - *at) < size) return false;
  *at += size;
  return true;
}

static bool message_is_sound(walk *w, const uint8_t *at, const uint8_t *end, const ProtobufCMessageDescriptor *kind,
                             int depth) {
  if (depth > MOST_NESTING)
    return fail(w->why, "Its parts are nested more than %d deep, which no network for faces needs.", MOST_NESTING);
  uint64_t seen = 0; /* messages that may come once: a second would be merged into the first */
  while (at < end) {
    const uint8_t *const field_start = at;
    uint64_t key, size;
    if (++w->fields > MOST_FIELDS)
      return fail(w->why, "It has more than %d parts, which no network for faces needs.", MOST_FIELDS);
    if (!read_varint(&at, end, &key) || key >> 3 == 0 || key >> 32) return broken_at(w, field_start);
    const wire_type type = (wire_type)(key & 7);
    if (type != WIRE_LENGTH) {
      if (!skip_number(&at, end, type)) return broken_at(w, field_start);
      continue;
    }
    if (!read_varint(&at, end, &size) || size > (size_t)(end - at)) return broken_at(w, field_start);
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(kind, (unsigned)(key >> 3));
    if (field && field->type == PROTOBUF_C_TYPE_MESSAGE) {
      const uint64_t bit = UINT64_C(1) << ((field - kind->fields) & 63);
      if (field->label != PROTOBUF_C_LABEL_REPEATED && seen & bit) return broken_at(w, field_start);
      seen |= bit;
      if (!message_is_sound(w, at, at + size, field->descriptor, depth + 1)) return false;
    }
    at += size;
  }
  return true;
}

bool onnx_wire_is_sound(dpl_bytes message, const ProtobufCMessageDescriptor *kind, sentence *why) {
  walk w = {message.data, 0, why};
  return message.size == 0 ? fail(why, "It is empty.")
                           : message_is_sound(&w, message.data, message.data + message.size, kind, 1);
}
