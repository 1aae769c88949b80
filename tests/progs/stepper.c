// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a program and stops it after each of its system calls that changes a directory,
 * or asks for something to be on the disk.
 *
 *	stepper PROGRAM ARGUMENT...	prints the number of the call, and waits for a line;
 *					at the end "exit STATUS"
 *
 * The program's own output is dropped.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALL_STOP	(SIGTRAP | 0x80)

static const long steps[] = {
	SYS_fsync, SYS_fdatasync, SYS_syncfs, SYS_sync, SYS_rename, SYS_renameat,
	SYS_renameat2, SYS_link, SYS_linkat, SYS_unlink, SYS_unlinkat,
};

static void die(const char *what)
{
	fprintf(stderr, "stepper: %s: %s\n", what, strerror(errno));
	exit(2);
}

static bool is_step(long call)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (steps[i] == call)
			return true;
	return false;
}

static pid_t start(char **argv)
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child)
		return child;

	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
	    ptrace(PTRACE_TRACEME, 0, NULL, NULL) || raise(SIGSTOP))
		_exit(127);
	execvp(argv[0], argv);
	_exit(127);
}

/* Of the stopped program: the call that it enters, else -1. */
static long entered(pid_t child)
{
	struct __ptrace_syscall_info info = {};

	if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) <= 0)
		die("the system call");
	return info.op == PTRACE_SYSCALL_INFO_ENTRY ? (long)info.entry.nr : -1;
}

static void step(long call)
{
	char *line = NULL;
	size_t size = 0;

	printf("%ld\n", call);
	fflush(stdout);
	if (getline(&line, &size, stdin) < 0)
		exit(2);
	free(line);
}

int main(int argc, char **argv)
{
	long call = -1;
	int status, signal = 0;
	pid_t child;

	if (argc < 2)
		die("usage: stepper PROGRAM ARGUMENT...");
	child = start(argv + 1);
	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL))
		die("the program");
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, child, NULL, signal) ||
		    waitpid(child, &status, 0) != child)
			die("the program");
		if (!WIFSTOPPED(status))
			break;
		/* what is neither a call nor a trap of the tracer's is for the program */
		signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		if (signal != SYSCALL_STOP)
			continue;
		signal = 0;
		if (call < 0) {
			call = entered(child);
			continue;
		}
		if (is_step(call))
			step(call);
		call = -1;
	}
	printf("exit %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128);
	return 0;
}
