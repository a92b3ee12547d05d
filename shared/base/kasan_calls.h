/*
 * What instrumented code calls, by names that the compiler made: -fsanitize=kernel-address, and
 * -Dmemcpy=kasan_memcpy and the like (shared/sources.cmake). Nobody includes this but base/kasan.c.
 */
#pragma once

#include "arch/types.h"

void __asan_load1_noabort(unsigned long addr);
void __asan_load2_noabort(unsigned long addr);
void __asan_load4_noabort(unsigned long addr);
void __asan_load8_noabort(unsigned long addr);
void __asan_load16_noabort(unsigned long addr);
void __asan_loadN_noabort(unsigned long addr, size_t size);
void __asan_store1_noabort(unsigned long addr);
void __asan_store2_noabort(unsigned long addr);
void __asan_store4_noabort(unsigned long addr);
void __asan_store8_noabort(unsigned long addr);
void __asan_store16_noabort(unsigned long addr);
void __asan_storeN_noabort(unsigned long addr, size_t size);
void __asan_handle_no_return(void);

void *kasan_memcpy(void *to, const void *from, size_t n);
void *kasan_memmove(void *to, const void *from, size_t n);
void *kasan_memset(void *to, int byte, size_t n);
int kasan_memcmp(const void *a, const void *b, size_t n);
size_t kasan_strlen(const char *s);
size_t kasan_strnlen(const char *s, size_t max);
int kasan_strcmp(const char *a, const char *b);
int kasan_strncmp(const char *a, const char *b, size_t n);
