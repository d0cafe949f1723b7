/*
 * feature_shape.c - what a line looks like, whatever it says.
 */
#include <string.h>

#include "feature_scan.h"

static bool
body_starts(const struct text *body, const char *with)
{
	size_t n = strlen(with);

	return body->length >= n && memcmp(body->bytes, with, n) == 0;
}

static void
shape_level(struct feature_scan *scan)
{
	static const enum fact facts[LEVEL_COUNT] = {
		[LEVEL_NONE] = FACT_LEVEL_NONE,
		[LEVEL_TRACE] = FACT_LEVEL_LOW,
		[LEVEL_DEBUG] = FACT_LEVEL_LOW,
		[LEVEL_INFO] = FACT_LEVEL_LOW,
		[LEVEL_WARN] = FACT_LEVEL_WARN,
		[LEVEL_ERROR] = FACT_LEVEL_ERROR,
		[LEVEL_FATAL] = FACT_LEVEL_FATAL,
	};

	fact_set(scan, facts[scan->prefix.level]);
	if (scan->prefix.stamped)
		fact_set(scan, FACT_STAMPED);
	if (scan->prefix.length > 0)
		fact_set(scan, FACT_PREFIXED);
}

static void
shape_length(struct feature_scan *scan)
{
	unsigned words = scan->tokens.count;

	if (scan->body.length == 0)
		fact_set(scan, FACT_BLANK);
	else if (words == 0)
		fact_set(scan, FACT_NO_WORD);
	else
		fact_set(scan,
		    words == 1	      ? FACT_WORDS_1
			: words == 2  ? FACT_WORDS_2
			: words <= 5  ? FACT_WORDS_5
			: words <= 10 ? FACT_WORDS_10
			: words <= 20 ? FACT_WORDS_20
				      : FACT_WORDS_MORE);
	fact_set(scan,
	    scan->indent == 0	    ? FACT_INDENT_0
		: scan->indent <= 3 ? FACT_INDENT_3
				    : FACT_INDENT_4);
}

static bool
is_flag(const char *p, size_t n)
{
	return n > 2 && p[0] == '-' && p[1] == '-' && p[2] >= 'a' &&
	    p[2] <= 'z';
}

static void
shape_start(struct feature_scan *scan)
{
	static const struct {
		const char *bytes;
		enum fact fact;
	} starts[] = {
		{ "[", FACT_START_BRACKET },
		{ "(", FACT_START_BRACKET },
		{ "-- ", FACT_START_PROMPT },
		{ "*", FACT_START_STAR },
		{ "=", FACT_START_STAR },
		{ "#", FACT_START_STAR },
		{ "> ", FACT_START_DASH },
		{ "$ ", FACT_START_PROMPT },
		{ "+ ", FACT_START_PROMPT },
		{ "|", FACT_START_BAR },
		{ "\xe2\x94", FACT_START_BAR },
		{ "\"", FACT_START_QUOTE },
		{ "'", FACT_START_QUOTE },
		{ "{", FACT_START_BRACE },
		{ "}", FACT_START_BRACE },
		{ "]", FACT_START_BRACE },
		{ "<", FACT_START_BRACE },
	};
	static const enum fact cases[] = {
		[CASE_LOWER] = FACT_START_LOWER,
		[CASE_TITLE] = FACT_START_TITLE,
		[CASE_UPPER] = FACT_START_UPPER,
		[CASE_CAMEL] = FACT_START_CAMEL,
	};
	const struct token *first = &scan->tokens.rows[0];
	char first_byte;

	if (scan->body.length == 0)
		return;
	first_byte = scan->body.bytes[0];
	if (is_flag(scan->body.bytes, scan->body.length))
		fact_set(scan, FACT_START_FLAG);
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (starts[i].bytes[0] == first_byte &&
		    body_starts(&scan->body, starts[i].bytes)) {
			fact_set(scan, starts[i].fact);
			break;
		}
	if (scan->tokens.count == 0)
		return;
	if (first->after == '(' && first->p == scan->body.bytes)
		fact_set(scan, FACT_START_CALL);
	if (first->kind == TOKEN_WORD)
		fact_set(scan, cases[first->letters]);
	else if (first->kind != TOKEN_MARK)
		fact_set(scan, FACT_START_NUMBER);
}

static void
shape_end(struct feature_scan *scan)
{
	const struct text *body = &scan->body;
	size_t n = body->length;
	char last;

	while (n > 0 && body->bytes[n - 1] == ' ')
		n--;
	last = n > 0 ? body->bytes[n - 1] : ' ';
	if (n >= 3 && memcmp(body->bytes + n - 3, "...", 3) == 0)
		fact_set(scan, FACT_END_DOTS);
	else if (n >= 3 && memcmp(body->bytes + n - 3, "\xe2\x80\xa6", 3) == 0)
		fact_set(scan, FACT_END_DOTS);
	else if (last == '.')
		fact_set(scan, FACT_END_PERIOD);
	else if (last == ':')
		fact_set(scan, FACT_END_COLON);
	else if (last == '!')
		fact_set(scan, FACT_END_BANG);
	else if (last == ',')
		fact_set(scan, FACT_END_COMMA);
	else if (last == ')' || last == ']' || last == '}')
		fact_set(scan, FACT_END_CLOSE);
	else if (last == ';' || last == '{' || last == '\\' || last == '(')
		fact_set(scan, FACT_END_CODE);
	else if (last >= '0' && last <= '9')
		fact_set(scan, FACT_END_NUMBER);
}

static bool
ends_in(const struct token *token, const char *end)
{
	size_t n = strlen(end);

	return token->kind == TOKEN_WORD && token->n > n + 2 &&
	    memcmp(token->p + token->n - n, end, n) == 0;
}

/* "except Exception as e:", "return x;": a program's text. */
static void
shape_code(struct feature_scan *scan)
{
	static const char *const words[] = { "def", "class", "return", "raise",
		"except", "try", "catch", "throw", "throws", "import", "from",
		"if", "elif", "else", "for", "while", "assert", "const", "let",
		"var", "function", "print", "echo", "printf", "fi", "then" };
	const struct token *first = &scan->tokens.rows[0];

	if (scan->tokens.count == 0 ||
	    !(scan->indent > 1 || fact_is_set(scan, FACT_END_COLON) ||
		fact_is_set(scan, FACT_END_CLOSE) ||
		fact_is_set(scan, FACT_END_CODE)))
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (first->letters == CASE_LOWER && token_is(first, words[i]))
			fact_set(scan, FACT_START_CODE);
}

static void
shape_tense(struct feature_scan *scan)
{
	const struct token *first = &scan->tokens.rows[0], *last = first;

	if (scan->tokens.count == 0)
		return;
	last += scan->tokens.count - 1;
	if (ends_in(first, "ing") && !first->joins &&
	    !token_is(first, "during") && !token_is(first, "nothing"))
		fact_set(scan, FACT_FIRST_ING);
	if (ends_in(first, "ed") && !first->joins)
		fact_set(scan, FACT_FIRST_PAST);
	if (ends_in(last, "ed") && !last->joined)
		fact_set(scan, FACT_LAST_PAST);
}

/* Marks among the bytes, in one pass. */
struct marks {
	unsigned pairs, quotes, code, bars, leader, rules, flags, operators;
	bool by_value;
	unsigned progress, urls;
};

/* No letter, digit or blank: most bytes need no further look. */
static inline bool
is_mark(char c)
{
	unsigned char low = (unsigned char)(c | 0x20);

	return c != ' ' && (low < 'a' || low > 'z' || c == '`') &&
	    (c < '0' || c > '9');
}

/* The byte at p, with one before it and two after it. */
static void
marks_take(const char *p, struct marks *marks)
{
	switch (p[0]) {
	case '=':
		marks->rules += p[1] == '=';
		marks->pairs += p[1] != '=' && p[-1] != '=';
		marks->code += p[1] == '=' && p[-1] == ' ';
		break;
	case ':':
		marks->pairs += p[1] == ' ';
		marks->code += p[1] == ':';
		marks->urls += p[1] == '/' && p[2] == '/';
		break;
	case '"':
	case '\'':
	case '`':
		marks->quotes++;
		break;
	case ';':
	case '{':
		marks->code++;
		break;
	case '$':
		marks->code++;
		marks->operators += p[1] == '(';
		break;
	case '(':
		marks->code += p[1] == ')';
		break;
	case '|':
		marks->bars++;
		marks->operators += p[-1] == ' ' && p[1] == '|' && p[2] == ' ';
		break;
	case '&':
		marks->operators += p[-1] == ' ' && p[1] == '&' && p[2] == ' ';
		break;
	case '>':
		marks->by_value |= p[-1] >= '0' && p[-1] <= '9';
		marks->operators += p[-1] == '2' && p[1] != '=';
		break;
	case '.':
		marks->leader += p[1] == '.';
		break;
	case '-':
		marks->flags += p[-1] == ' ' && p[1] == '-' && p[2] >= 'a' &&
		    p[2] <= 'z';
		marks->rules += p[1] == '-';
		break;
	case '*':
		marks->rules += p[1] == '*';
		break;
	case '/': /* "it/s", "1.2 MB/s]" */
		marks->progress += p[1] == 's' &&
		    (p[2] == ']' || (p[-1] == 't' && p[2] == ' '));
		break;
	case '%':
		marks->progress += p[1] == '|';
		break;
	case '[':
		marks->progress += p[1] == '=' && p[2] == '=';
		break;
	case '\xe2': /* blocks and heavy lines */
		marks->progress += (p[1] == '\x96' && p[2] == '\x88') ||
		    (p[1] == '\x94' && p[2] == '\x81');
		break;
	default:
		break;
	}
}

/* The last two bytes are looked at in a copy, with blanks behind them, and
 * so is the first, with a blank before it. */
static void
marks_count(const struct text *body, struct marks *marks)
{
	size_t n = body->length;
	char edge[5] = { ' ', ' ', ' ', ' ', ' ' };

	if (n > TOKENS_LOOK_MAX)
		n = TOKENS_LOOK_MAX;
	for (size_t i = 1; i + 2 < n; i++)
		if (is_mark(body->bytes[i]))
			marks_take(body->bytes + i, marks);
	for (size_t i = 0; i < n; i += i == 0 && n > 3 ? n - 2 : 1) {
		edge[0] = i > 0 ? body->bytes[i - 1] : ' ';
		for (size_t k = 0; k < 3; k++)
			edge[1 + k] = i + k < n ? body->bytes[i + k] : ' ';
		marks_take(edge + 1, marks);
	}
}

static void
shape_marks(struct feature_scan *scan)
{
	struct marks marks = { 0 };

	marks_count(&scan->body, &marks);
	if (marks.pairs > 0)
		fact_set(scan,
		    marks.pairs == 1	   ? FACT_PAIRS_1
			: marks.pairs <= 4 ? FACT_PAIRS_4
					   : FACT_PAIRS_MORE);
	if (marks.quotes > 1)
		fact_set(scan, FACT_QUOTED);
	if (marks.code > 0)
		fact_set(scan, FACT_CODE);
	if (marks.bars > 1)
		fact_set(scan, FACT_TABLE);
	if (marks.leader > 3)
		fact_set(scan, FACT_LEADER);
	if (marks.rules > 4 && scan->tokens.count > 0)
		fact_set(scan, FACT_RULED);
	if (marks.urls > 0)
		fact_set(scan, FACT_URL);
	scan->by_value |= marks.by_value;
	if (marks.operators > 0)
		fact_set(scan, FACT_SHELL_OPERATOR);
	if (marks.flags > 0)
		fact_set(scan, FACT_FLAGS);
	if (marks.progress > 0)
		fact_set(scan, FACT_BAR);
}

static void
shape_words(struct feature_scan *scan)
{
	unsigned numbers = 0, upper = 0, paths = 0;

	for (unsigned i = 0; i < scan->tokens.count; i++) {
		const struct token *token = &scan->tokens.rows[i];

		numbers += token->kind == TOKEN_NUMBER;
		upper += token->letters == CASE_UPPER && token->n >= 3 &&
		    !token->joined && !token->joins;
		paths += token->before == '/' && token->after == '/';
	}
	if (numbers == 0)
		fact_set(scan, FACT_NUMBERS_NONE);
	else
		fact_set(scan,
		    numbers * 2 >= scan->tokens.count ? FACT_NUMBERS_MOST
						      : FACT_NUMBERS_SOME);
	if (upper >= 2)
		fact_set(scan, FACT_SHOUT);
	if (paths > 0)
		fact_set(scan, FACT_PATH);
}

void
feature_shape(struct feature_scan *scan)
{
	fact_set(scan, FACT_ALWAYS);
	shape_level(scan);
	shape_length(scan);
	shape_start(scan);
	shape_end(scan);
	shape_code(scan);
	shape_tense(scan);
	shape_marks(scan);
	shape_words(scan);
}
