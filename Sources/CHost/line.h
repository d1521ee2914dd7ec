// A line of text that is made without allocation, as a signal handler must.
#pragma once
#include <stddef.h>
#include <stdint.h>

struct line {
  size_t length;
  char text[2048];
};

void line_add(struct line *line, const char *text);
void line_add_number(struct line *line, int64_t number);
/// Adds the rank and its host.
void line_add_rank(struct line *line);
/// Adds " in PHASE, iteration I".
void line_add_phase(struct line *line);
/// Adds the other ranks of this host that are stopped, if any.
void line_add_stopped(struct line *line);
/// Adds the last checkpoint and how to go on, ends the line and writes it to standard error.
void line_finish(struct line *line);

/// The mapped file that holds an address; NULL for none.
const char *mapping_at(const void *address);
