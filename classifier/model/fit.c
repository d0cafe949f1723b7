/*
 * fit.c - see fit.h. Nocedal and Wright, Numerical Optimization (2006),
 * algorithm 7.4 (two loops), with a backtracking line search.
 */
#include "fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features.h"

#define MEMORY 8
#define ARMIJO 1e-4
#define HALVINGS 20
#define FLAT 1e-6 /* relative gain of a step that ends the search */

struct search {
	const struct fit *fit;
	uint32_t n;
	double *at, *slope, *next, *next_slope, *way;
	double *moves[MEMORY], *turns[MEMORY];
	double curve[MEMORY];
	unsigned kept, newest;
};

static double
dot(const double *a, const double *b, uint32_t n)
{
	double sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

double
fit_value(const struct corpus *corpus, const float *scale,
    const struct sample *sample, const double *coefficients)
{
	const uint16_t *row = corpus->features + sample->first;
	double value = 0;

	for (unsigned i = 0; i < sample->count; i++)
		value += (double)scale[row[i]] * coefficients[row[i]];
	return value;
}

/* log(1 + e^x) without overflow. */
static double
softplus(double x)
{
	return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static double
fit_cost(const struct fit *fit, const double *at, double *slope)
{
	uint32_t n = features_count();
	double cost = 0;

	for (uint32_t i = 0; i < n; i++) {
		double off = at[i] - (double)fit->means[i];

		cost += 0.5 * fit->ridge * off * off;
		slope[i] = fit->ridge * off;
	}
	for (uint32_t k = 0; k < fit->count; k++) {
		const struct sample *sample = &fit->corpus
						   ->samples[fit->rows[k]];
		const uint16_t *row = fit->corpus->features + sample->first;
		double value = fit_value(fit->corpus, fit->scale, sample, at);
		double weight = (double)fit->weights[k];
		double miss = 1 / (1 + exp(-value)) - fit->answers[k];

		cost += weight *
		    softplus(fit->answers[k] == 1 ? -value : value);
		miss *= weight;
		for (unsigned i = 0; i < sample->count; i++)
			slope[row[i]] += miss * (double)fit->scale[row[i]];
	}
	return cost;
}

static void
search_direction(struct search *search)
{
	double alpha[MEMORY], *way = search->way;
	uint32_t n = search->n;

	for (uint32_t i = 0; i < n; i++)
		way[i] = -search->slope[i];
	for (unsigned k = 0; k < search->kept; k++) {
		unsigned m = (search->newest + MEMORY - k) % MEMORY;

		alpha[m] = dot(search->moves[m], way, n) / search->curve[m];
		for (uint32_t i = 0; i < n; i++)
			way[i] -= alpha[m] * search->turns[m][i];
	}
	if (search->kept > 0) {
		unsigned m = search->newest;
		double gamma = search->curve[m] /
		    dot(search->turns[m], search->turns[m], n);

		for (uint32_t i = 0; i < n; i++)
			way[i] *= gamma;
	}
	for (unsigned k = search->kept; k-- > 0;) {
		unsigned m = (search->newest + MEMORY - k) % MEMORY;
		double beta = dot(search->turns[m], way, n) / search->curve[m];

		for (uint32_t i = 0; i < n; i++)
			way[i] += (alpha[m] - beta) * search->moves[m][i];
	}
}

static void
search_remember(struct search *search)
{
	unsigned m = (search->newest + 1) % MEMORY;
	uint32_t n = search->n;
	double curve;

	for (uint32_t i = 0; i < n; i++) {
		search->moves[m][i] = search->next[i] - search->at[i];
		search->turns[m][i] = search->next_slope[i] - search->slope[i];
	}
	curve = dot(search->moves[m], search->turns[m], n);
	if (curve <= 1e-12)
		return;
	search->curve[m] = curve;
	search->newest = m;
	if (search->kept < MEMORY)
		search->kept++;
}

static void
swap(double **a, double **b)
{
	double *c = *a;

	*a = *b;
	*b = c;
}

/* One step downhill; false: there is no further way. */
static bool
search_step(struct search *search, double *cost)
{
	double slope, length, next = 0;
	unsigned tries = 0;

	search_direction(search);
	slope = dot(search->slope, search->way, search->n);
	length = search->kept > 0
	    ? 1
	    : 1 / sqrt(dot(search->slope, search->slope, search->n) + 1e-12);
	for (; tries < HALVINGS; tries++, length /= 2) {
		for (uint32_t i = 0; i < search->n; i++)
			search->next[i] = search->at[i] +
			    length * search->way[i];
		next = fit_cost(search->fit, search->next, search->next_slope);
		if (next <= *cost + ARMIJO * length * slope)
			break;
	}
	if (tries == HALVINGS)
		return false;
	search_remember(search);
	swap(&search->at, &search->next);
	swap(&search->slope, &search->next_slope);
	slope = *cost - next;
	*cost = next;
	return slope > FLAT * fabs(next);
}

void
fit_solve(const struct fit *fit, double *coefficients)
{
	uint32_t n = features_count();
	struct search search = { .fit = fit, .n = n };
	double *room = calloc((size_t)n * (5 + 2 * MEMORY), sizeof(*room));
	double *rest = room, cost;

	if (room == NULL)
		abort();
	search.at = rest;
	search.slope = (rest += n);
	search.next = (rest += n);
	search.next_slope = (rest += n);
	search.way = (rest += n);
	for (unsigned m = 0; m < MEMORY; m++) {
		search.moves[m] = (rest += n);
		search.turns[m] = (rest += n);
	}
	for (uint32_t i = 0; i < n; i++)
		search.at[i] = (double)fit->means[i];
	cost = fit_cost(fit, search.at, search.slope);
	for (unsigned i = 0; i < fit->steps; i++)
		if (!search_step(&search, &cost))
			break;
	memcpy(coefficients, search.at, n * sizeof(*coefficients));
	free(room);
}
