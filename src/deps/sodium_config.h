/*
 * What libsodium's configure would find out on Linux with gcc; force-included when libsodium is
 * compiled, and only then. The x86-64 part switches on its hand-tuned code (AES-NI, AVX2, AVX-512,
 * assembly): each file carries its own target pragma, and the processor is asked at run time.
 */
#ifndef DEPS_SODIUM_CONFIG_H
#define DEPS_SODIUM_CONFIG_H

#define CONFIGURED 1
#define NATIVE_LITTLE_ENDIAN 1
#define TLS _Thread_local
#define HAVE_PTHREAD 1
#define HAVE_WEAK_SYMBOLS 1
#define HAVE_ATOMIC_OPS 1
#define HAVE_INLINE_ASM 1
#define HAVE_TI_MODE 1
#define HAVE_SYS_MMAN_H 1
#define HAVE_SYS_RANDOM_H 1
#define HAVE_MMAP 1
#define HAVE_MLOCK 1
#define HAVE_MADVISE 1
#define HAVE_MPROTECT 1
#define HAVE_GETRANDOM 1
#define HAVE_GETENTROPY 1
#define HAVE_POSIX_MEMALIGN 1
#define HAVE_GETPID 1
#define HAVE_NANOSLEEP 1
#define HAVE_EXPLICIT_BZERO 1

#ifdef __x86_64__
#define CPU_UNALIGNED_ACCESS 1
#define HAVE_CPUID 1
#define HAVE_AMD64_ASM 1
#define HAVE_AVX_ASM 1
#define ASM_HIDE_SYMBOL .hidden
#define HAVE_MMINTRIN_H 1
#define HAVE_EMMINTRIN_H 1
#define HAVE_PMMINTRIN_H 1
#define HAVE_TMMINTRIN_H 1
#define HAVE_SMMINTRIN_H 1
#define HAVE_AVXINTRIN_H 1
#define HAVE_AVX2INTRIN_H 1
#define HAVE_AVX512FINTRIN_H 1
#define HAVE_WMMINTRIN_H 1
#define HAVE_RDRAND 1
#endif

#endif
