/*
 * A program that keeps glibc's malloc busy, made to be recorded: the heap that grows and is
 * trimmed, blocks with mappings of their own that realloc() moves, arenas of threads, a child that
 * frees what it has inherited.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCKS 64

static uint32_t any(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525U + 1013904223U;
	return (*seed >> 8) % below;
}

/* Mostly small blocks, some of which the heap must grow for, a few with a mapping of their own. */
static size_t any_size(uint32_t *seed)
{
	uint32_t kind = any(seed, 16);

	if (kind < 9)
		return 16 + any(seed, 4000);
	if (kind < 14)
		return 20000 + any(seed, 80000);
	return 140000 + any(seed, 400000);
}

static void churn(uint32_t seed, unsigned int rounds)
{
	char *blocks[BLOCKS] = {NULL};

	for (unsigned int i = 0; i < rounds; i++) {
		char **block = &blocks[any(&seed, BLOCKS)];
		size_t size = any_size(&seed);

		if (any(&seed, 3) == 0) {
			free(*block);
			*block = NULL;
			continue;
		}
		*block = realloc(*block, size);
		if (!*block)
			exit(1);
		memset(*block, 0x5a, size);
	}
	for (unsigned int i = 0; i < BLOCKS; i++)
		free(blocks[i]);
}

static void *thread(void *seed)
{
	churn((uintptr_t)seed, 150);
	return NULL;
}

int main(void)
{
	pthread_t threads[2];
	void *aligned[4];
	pid_t child;

	churn(1, 400);
	malloc_trim(0);
	for (uintptr_t i = 0; i < 2; i++) {
		if (pthread_create(&threads[i], NULL, thread, (void *)(i + 2)))
			return 1;
		pthread_join(threads[i], NULL);
	}
	for (int i = 0; i < 4; i++)
		if (posix_memalign(&aligned[i], 1 << 16, 300000))
			return 1;
	mallopt(M_MMAP_THRESHOLD, 16384);
	child = fork();
	if (child == 0) {
		for (int i = 0; i < 4; i++)
			free(aligned[i]);
		churn(5, 60);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	churn(6, 60);
	return 0;
}
