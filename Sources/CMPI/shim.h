// Open MPI's handles and constants are macros that Swift cannot import; here they are functions.
#pragma once
#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

static inline MPI_Comm cmpi_comm_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Datatype cmpi_float(void) { return MPI_FLOAT; }
static inline MPI_Datatype cmpi_double(void) { return MPI_DOUBLE; }
static inline MPI_Datatype cmpi_int64(void) { return MPI_INT64_T; }
static inline MPI_Datatype cmpi_int32(void) { return MPI_INT32_T; }
static inline MPI_Datatype cmpi_uint16(void) { return MPI_UINT16_T; }
static inline MPI_Datatype cmpi_byte(void) { return MPI_BYTE; }
static inline MPI_Op cmpi_sum(void) { return MPI_SUM; }
static inline MPI_Op cmpi_min(void) { return MPI_MIN; }
static inline MPI_Op cmpi_max(void) { return MPI_MAX; }
static inline MPI_Info cmpi_info_null(void) { return MPI_INFO_NULL; }
static inline const void *cmpi_in_place(void) { return MPI_IN_PLACE; }
static inline MPI_Status *cmpi_status_ignore(void) { return MPI_STATUS_IGNORE; }
static inline MPI_Status *cmpi_statuses_ignore(void) { return MPI_STATUSES_IGNORE; }

// bfloat16 is the upper half of a float. Sums are computed in float and rounded to nearest, ties to
// even.
#include <stdint.h>
#include <string.h>

static inline float cmpi_float_of_bf16(uint16_t half) {
  uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline uint16_t cmpi_bf16_of_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  // A NaN must stay one: rounding could turn it into an infinity.
  if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static void cmpi_add_bf16(void *in, void *inout, int *count, MPI_Datatype *type) {
  (void)type;
  const uint16_t *a = (const uint16_t *)in;
  uint16_t *b = (uint16_t *)inout;
  for (int i = 0; i < *count; i++) {
    b[i] = cmpi_bf16_of_float(cmpi_float_of_bf16(a[i]) + cmpi_float_of_bf16(b[i]));
  }
}

// Creates the operation that sums bfloat16 numbers. Call it after MPI_Init.
static inline MPI_Op cmpi_make_sum_bf16(void) {
  MPI_Op op;
  MPI_Op_create(cmpi_add_bf16, 1, &op);
  return op;
}
