#pragma once
#include <cblas.h>

// LAPACK's symmetric eigensolver. OpenBLAS contains it, but its headers do not declare it. Matrices
// are column-major; Fortran passes the lengths of strings last.
#include <stddef.h>
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info,
             size_t jobz_length, size_t uplo_length);
