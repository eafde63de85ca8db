/* What every file of the program stands on: failing with a sentence, memory that ends the program instead of being
   NULL, text in new memory, and time. Nothing here knows about faces. */
#ifndef TOOL_BASICS_H
#define TOOL_BASICS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Why something failed, in one sentence that says what to change. */
typedef struct sentence {
  char text[1024];
} sentence;

/* Writes the sentence and returns false: `return fail(why, "%s is empty; …", path)`. */
__attribute__((format(printf, 2, 3))) bool fail(sentence *why, const char *format, ...);

/* Prints "doppel build: <sentence>" on stderr (the command's name comes from command_begin). Returns EXIT_FAILED. */
int report_failure(const sentence *why);
__attribute__((format(printf, 1, 2))) void warn(const char *format, ...);

/* Zeroed memory; they end the program with a sentence where there is none left. */
void *new_array(size_t count, size_t size);
void *grown_array(void *array, size_t count, size_t size); /* realloc */
char *new_text(const char *text);
__attribute__((format(printf, 1, 2))) char *new_text_of(const char *format, ...);

/* Makes room for one element more: doubles *array (elements of `size` bytes) when *capacity is used up. */
void *room_for_one_more(void *array, size_t count, size_t *capacity, size_t size);

/* tsearch: the place in the tree of the key or of the one that is there. */
void *tree_place(const void *key, void **root, int (*compare)(const void *, const void *));

/* open_memstream: what is written to it is at *text once it is closed, with stream_end. */
FILE *text_stream_begin(char **text, size_t *size);
void text_stream_end(FILE *stream);

/* cJSON gets its memory in the same way: a document that lacks what had no room would be written as if it were whole.
 */
void json_memory_begin(void);

_Noreturn void end_without_memory(void); /* with the sentence that they say */

double seconds_now(void); /* monotonic */

#endif
