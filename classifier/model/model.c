/*
 * model.c - trains the classifier's prior (`make model`).
 *
 *	jobwatch-model LOGS [WEIGHTS]
 *
 * reads labelled logs (corpus.h), tells what the prior is worth on programs
 * that it was not trained on, and writes the weights of one that was trained
 * on all of them. The same logs give the same bytes.
 */
#include <stdio.h>
#include <string.h>

#include "folds.h"
#include "heads.h"
#include "report.h"

static int
weights_write(struct folds *folds, const char *path)
{
	FILE *out = fopen(path, "we");
	int done;

	if (out == NULL) {
		fprintf(stderr, "cannot write %s: %m\n", path);
		return -1;
	}
	done = heads_write(folds, out);
	if (fclose(out) != 0 || done == -1) {
		fprintf(stderr, "cannot write %s: %m\n", path);
		return -1;
	}
	return 0;
}

static int
model_train(const struct corpus *corpus, const char *path)
{
	struct folds folds;
	int done = -1;

	if (folds_init(&folds, corpus) == 0) {
		folds_run(&folds);
		done = report_print(&folds, stdout);
	}
	if (done == -1)
		fprintf(stderr, "cannot train: %m\n");
	else if (path != NULL)
		done = weights_write(&folds, path);
	folds_release(&folds);
	return done;
}

int
main(int argc, char **argv)
{
	struct corpus corpus;
	struct why why;
	int done = -1;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: %s LOGS [WEIGHTS]\n", argv[0]);
		return 2;
	}
	if (corpus_read(&corpus, argv[1], &why) == -1)
		fprintf(stderr, "%s\n", why.text);
	else
		done = model_train(&corpus, argc == 3 ? argv[2] : NULL);
	corpus_release(&corpus);
	return done == 0 ? 0 : 1;
}
