#define _GNU_SOURCE
#include "status.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "line.h"

uint64_t chost_beats, chost_meetings;
int64_t chost_waiting;

// Text that a signal handler or another thread may read while it changes: the writer fills the
// other of two places, and then points to it.
struct text {
  char places[2][1024];
  atomic_int current;
};

static void set(struct text *text, const char *value) {
  int next = 1 - atomic_load(&text->current);
  snprintf(text->places[next], sizeof text->places[next], "%s", value);
  atomic_store(&text->current, next);
}

static const char *get(struct text *text) { return text->places[atomic_load(&text->current)]; }

static int this_rank;
static char this_host[256];
static struct text phase, run, checkpoint;
static atomic_llong iteration;

enum { NEIGHBOURS = 256, MAPPINGS = 64 };
static struct {
  int rank, process;
} neighbours[NEIGHBOURS];
static int neighbour_count;

static struct {
  _Atomic(const char *) start;
  size_t bytes;
  char path[1024];
} mappings[MAPPINGS];
static pthread_mutex_t mapping_lock = PTHREAD_MUTEX_INITIALIZER;

int chost_rank(void) { return this_rank; }

void chost_set_rank(int rank, const char *host) {
  this_rank = rank;
  snprintf(this_host, sizeof this_host, "%s", host);
}

void chost_set_neighbours(int count, const int64_t *ranks, const int64_t *processes) {
  neighbour_count = count < NEIGHBOURS ? count : NEIGHBOURS;
  for (int i = 0; i < neighbour_count; i++) {
    neighbours[i].rank = (int)ranks[i];
    neighbours[i].process = (int)processes[i];
  }
}

void chost_set_phase(const char *name) {
  atomic_store(&iteration, 0);
  set(&phase, name);
}

void chost_set_iteration(int64_t number) {
  atomic_store_explicit(&iteration, number, memory_order_relaxed);
}

void chost_set_checkpoint(const char *run_folder, const char *newest) {
  set(&run, run_folder);
  set(&checkpoint, newest);
}

void chost_add_mapping(const void *start, size_t bytes, const char *path) {
  pthread_mutex_lock(&mapping_lock);
  for (int i = 0; i < MAPPINGS; i++) {
    if (atomic_load(&mappings[i].start)) continue;
    mappings[i].bytes = bytes;
    snprintf(mappings[i].path, sizeof mappings[i].path, "%s", path);
    atomic_store(&mappings[i].start, start);
    break;
  }
  pthread_mutex_unlock(&mapping_lock);
}

void chost_remove_mapping(const void *start) {
  pthread_mutex_lock(&mapping_lock);
  for (int i = 0; i < MAPPINGS; i++) {
    if (atomic_load(&mappings[i].start) == start) {
      atomic_store(&mappings[i].start, NULL);
      break;
    }
  }
  pthread_mutex_unlock(&mapping_lock);
}

const char *mapping_at(const void *address) {
  for (int i = 0; i < MAPPINGS; i++) {
    const char *start = atomic_load(&mappings[i].start);
    // The fault is at any byte of a page.
    if (start && (const char *)address >= start && (const char *)address < start + mappings[i].bytes + 4096) {
      return mappings[i].path;
    }
  }
  return NULL;
}

void line_add(struct line *line, const char *text) {
  while (*text && line->length < sizeof line->text - 1) {
    // File names may hold any byte; control characters would break the line.
    unsigned char byte = (unsigned char)*text++;
    line->text[line->length++] = byte < 0x20 || byte == 0x7f ? ' ' : (char)byte;
  }
}

void line_add_number(struct line *line, int64_t number) {
  char digits[24];
  int i = sizeof digits - 1;
  digits[i] = 0;
  do digits[--i] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  line_add(line, digits + i);
}

void line_add_rank(struct line *line) {
  line_add(line, "rank ");
  line_add_number(line, this_rank);
  line_add(line, " on ");
  line_add(line, this_host);
}

void line_add_phase(struct line *line) {
  if (!*get(&phase)) return;
  line_add(line, " in ");
  line_add(line, get(&phase));
  long long number = atomic_load(&iteration);
  if (number == 0) return;
  line_add(line, ", iteration ");
  line_add_number(line, number);
}

// The state of a process as ps shows it; 0 where there is no such process.
static char state_of(int process) {
  struct line path = {0};
  line_add(&path, "/proc/");
  line_add_number(&path, process);
  line_add(&path, "/stat");
  path.text[path.length] = 0;
  int file = open(path.text, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[512];
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return 0;
  text[count] = 0;
  const char *end = strrchr(text, ')');
  return end && end[1] ? end[2] : 0;
}

void line_add_stopped(struct line *line) {
  bool is_first = true;
  for (int i = 0; i < neighbour_count; i++) {
    char state = neighbours[i].rank == this_rank ? 0 : state_of(neighbours[i].process);
    if (state != 'T' && state != 't') continue;
    line_add(line, is_first ? "; stopped here: rank " : ", rank ");
    line_add_number(line, neighbours[i].rank);
    line_add(line, " (process ");
    line_add_number(line, neighbours[i].process);
    line_add(line, ")");
    is_first = false;
  }
}

void line_finish(struct line *line) {
  const char *folder = get(&run), *newest = get(&checkpoint);
  if (*folder) {
    line_add(line, *newest ? "; the last checkpoint is " : "; there is no checkpoint yet");
    line_add(line, newest);
    line_add(line, "; go on with dec resume ");
    line_add(line, folder);
  }
  line->text[line->length++] = '\n';
  ssize_t ignored = write(STDERR_FILENO, line->text, line->length);
  (void)ignored;
}
