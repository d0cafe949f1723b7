/*
 * versions.c - `jobwatch --version`: ours, and what it was built with.
 *
 * Optional libraries change what a policy may ask for, so a bug report and a
 * refused policy both need this answer.
 */
#include "versions.h"

#include <jansson.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <zlib.h>

#include "version.h"

#ifdef HAVE_HYPERSCAN
#define WITH_HYPERSCAN true
#else
#define WITH_HYPERSCAN false
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#define WITH_ZSTD "yes (" ZSTD_VERSION_STRING ")"
#else
#define WITH_ZSTD "no"
#endif
#ifdef HAVE_LIBPQ
#define WITH_LIBPQ true
#else
#define WITH_LIBPQ false
#endif

void
versions_print(FILE *out)
{
	char pcre[64] = "?";

	/* Its text is "10.42 2022-12-11", well under our room. */
	pcre2_config(PCRE2_CONFIG_VERSION, pcre);
	fprintf(out, "jobwatch %s\n", JOBWATCH_VERSION);
	fprintf(out, "jansson %s, pcre2 %s, zlib %s\n", jansson_version_str(),
	    pcre, zlibVersion());
	fprintf(out, "hyperscan: %s\n", WITH_HYPERSCAN ? "yes" : "no");
	fprintf(out, "zstd: %s\n", WITH_ZSTD);
	fprintf(out, "libpq: %s\n", WITH_LIBPQ ? "yes" : "no");
}
