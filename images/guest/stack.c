/*
 * What a program was really given, read in one go from the stack the kernel has just made for it and no instruction has touched
 * (execve(2), "initial process stack" of the System V ABI). Says no to whatever does not look exactly like one: then /proc tells.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

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

bool stack_given(pid_t pid, uint8_t *arguments, size_t size, uint32_t *length, bool *loaded)
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
