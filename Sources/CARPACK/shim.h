#pragma once
// ARPACK's Lanczos iteration for symmetric matrices (Lehoucq, Sorensen and Yang 1998), by reverse
// communication: the caller multiplies by the matrix. It is linked statically, so that compute
// nodes need nothing more than OpenBLAS, which brings libgfortran. Fortran passes the lengths of
// strings last.
#include <stddef.h>
void dsaupd_(int *ido, const char *bmat, const int *n, const char *which, const int *nev,
             const double *tol, double *resid, const int *ncv, double *v, const int *ldv,
             int *iparam, int *ipntr, double *workd, double *workl, const int *lworkl, int *info,
             size_t bmat_length, size_t which_length);
void dseupd_(const int *rvec, const char *howmny, int *select, double *d, double *z,
             const int *ldz, const double *sigma, const char *bmat, const int *n,
             const char *which, const int *nev, const double *tol, double *resid, const int *ncv,
             double *v, const int *ldv, int *iparam, int *ipntr, double *workd, double *workl,
             const int *lworkl, int *info, size_t howmny_length, size_t bmat_length,
             size_t which_length);
