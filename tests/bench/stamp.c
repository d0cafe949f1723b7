/*
 * stamp.c - a job that says, in lines a rule matches, when it said so.
 *
 *   stamp COUNT LEAST_MS MOST_MS STAY_MS
 *
 * COUNT lines at random intervals; each has its own word, so that no two
 * share a fingerprint (numbers are masked), and the monotonic time in
 * nanoseconds right before its write. Then it stays for STAY_MS.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void
pause_ms(int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

static void
word_of(unsigned number, char word[8])
{
	static const char letters[] = "gklmnoprstuvwyz";

	for (int i = 0; i < 7; i++, number /= 15)
		word[i] = letters[(number + 3 * (unsigned)i) % 15];
	word[7] = '\0';
}

int
main(int argc, char **argv)
{
	char line[128], word[8];
	struct timespec now;
	int least, most;

	if (argc != 5)
		return 2;
	least = atoi(argv[2]);
	most = atoi(argv[3]);
	srand((unsigned)getpid());
	for (int i = 0; i < atoi(argv[1]); i++) {
		pause_ms(least + (most > least ? rand() % (most - least) : 0));
		word_of((unsigned)i, word);
		clock_gettime(CLOCK_MONOTONIC, &now);
		snprintf(line, sizeof(line), "ALARM %s at=%lld\n", word,
		    now.tv_sec * 1000000000LL + now.tv_nsec);
		if (write(STDOUT_FILENO, line, strlen(line)) == -1)
			return 1;
	}
	pause_ms(atoi(argv[4]));
	return 0;
}
