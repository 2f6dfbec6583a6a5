/*
 * What a program was really given: while no instruction of it has run, read in one go from the stack the kernel has just made for
 * it ("initial process stack" of the System V ABI). Where that does not look exactly like one, and later, /proc tells.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

#include "exec.h"

enum { STACK_BYTES = 61440 };

struct stack {
	uint64_t at;
	size_t length;
	_Alignas(8) uint8_t bytes[STACK_BYTES];
};

static uint64_t top_of(pid_t pid)
{
	struct user_regs_struct registers;
	struct iovec part = { &registers, sizeof registers };
	/* Those of a program for another processor are fewer. */
	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &part) < 0 || part.iov_len != sizeof registers)
		return 0;
#ifdef __x86_64__
	return registers.rsp;
#else
	return registers.sp;
#endif
}

static bool word_at(const struct stack *stack, size_t index, uint64_t *word)
{
	if ((index + 1) * sizeof *word > stack->length)
		return false;
	memcpy(word, stack->bytes + index * sizeof *word, sizeof *word);
	return true;
}

/* Moves `at` behind a string; false when that is not where the pointer leads, or it has no end. */
static bool pass(const struct stack *stack, uint64_t pointer, size_t *at)
{
	const uint8_t *end = pointer == stack->at + *at && *at < stack->length ? memchr(stack->bytes + *at, 0, stack->length - *at) : NULL;
	if (end)
		*at = (size_t)(end - stack->bytes) + 1;
	return end != NULL;
}

static bool from_stack(pid_t pid, uint8_t *arguments, size_t size, uint32_t *length, bool *loaded)
{
	static struct stack stack;
	uint64_t count, pointer;
	stack.at = top_of(pid);
	stack.length = stack.at == 0 || stack.at % 8 != 0 ? 0 : memory_peek(pid, stack.at, stack.bytes, STACK_BYTES);
	if (!word_at(&stack, 0, &count) || count == 0 || count > STACK_BYTES || !word_at(&stack, 1, &pointer) || pointer < stack.at)
		return false;
	size_t begin = pointer - stack.at, at = begin, index = 1;
	for (; index <= count; index++)
		if (!word_at(&stack, index, &pointer) || !pass(&stack, pointer, &at))
			return false;
	if (at - begin >= size || !word_at(&stack, index++, &pointer) || pointer != 0)
		return false;
	memcpy(arguments, stack.bytes + begin, at - begin);
	*length = (uint32_t)(at - begin);
	*loaded = false;
	for (;; index++) {
		size_t variable = at;
		if (!word_at(&stack, index, &pointer))
			return false;
		if (pointer == 0)
			return true;
		if (!pass(&stack, pointer, &at))
			return false;
		*loaded = *loaded || variable_loads((const char *)stack.bytes + variable, at - variable);
	}
}

uint32_t given_now(pid_t pid, uint8_t *arguments, size_t size)
{
	int fd = proc_open(pid, "cmdline", O_RDONLY);
	if (fd < 0)
		return 0;
	ssize_t got = read(fd, arguments, size);
	(void)close(fd);
	return got > 0 ? (uint32_t)got : 0;
}

uint32_t given_first(pid_t pid, uint8_t *arguments, size_t size, bool *loaded)
{
	uint32_t length;
	if (from_stack(pid, arguments, size, &length, loaded))
		return length;
	*loaded = environment_of_loads(pid);
	return given_now(pid, arguments, size);
}
