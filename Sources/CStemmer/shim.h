// Linked statically, so that compute nodes do not need it.
#pragma once
#include <libstemmer.h>
