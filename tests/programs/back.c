/* Preloaded into a real program that runs without its own root: see sandbox.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int told = -1;

/* Load the locale from the programs' own directory, then go to the shell's directory. */
__attribute__((constructor)) static void back(void)
{
	char *where = getenv("BACK_CWD"), *tell = getenv("BACK_TELL");

	if (!where || !tell)
		return;
	setlocale(LC_ALL, "");
	setlocale(LC_ALL, "C");
	fchdir(atoi(where));
	close(atoi(where));
	told = atoi(tell);
	fcntl(told, F_SETFD, FD_CLOEXEC);
	unsetenv("BACK_CWD");
	unsetenv("BACK_TELL");
	unsetenv("LD_PRELOAD");
}

/* A program that would execute a shell is the shell from now on. */
static int stay(void)
{
	write(told, "m", 1);
	close(told);
	for (;;)
		pause();
}

int execvp(const char *file, char *const argv[]) { return stay(); }
int execv(const char *file, char *const argv[]) { return stay(); }
int execl(const char *file, const char *arg, ...) { return stay(); }
int execlp(const char *file, const char *arg, ...) { return stay(); }

/* The proc mount is a fixture: its rows are left out of every mount table. */
static int is_fixture(const char *line)
{
	return strstr(line, " - proc proc ") || !strncmp(line, "proc /", 6) ||
	       !strncmp(line, "device proc mounted on", 22);
}

static int is_table(const char *path)
{
	const char *name = strrchr(path, '/');

	return !strncmp(path, "/proc/", 6) && name &&
	       (!strcmp(name, "/mountinfo") || !strcmp(name, "/mounts") || !strcmp(name, "/mountstats"));
}

static int open_table(const char *path)
{
	int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0), copy;
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	FILE *table;

	if (fd < 0)
		return fd;
	copy = memfd_create("table", MFD_CLOEXEC);
	table = fdopen(fd, "r");
	while ((length = getline(&line, &size, table)) > 0)
		if (!is_fixture(line))
			write(copy, line, length);
	free(line);
	fclose(table);
	lseek(copy, 0, SEEK_SET);
	return copy;
}

FILE *fopen(const char *path, const char *mode)
{
	static FILE *(*real)(const char *, const char *);
	int fd;

	if (is_table(path))
		return (fd = open_table(path)) < 0 ? NULL : fdopen(fd, "r");
	if (!real)
		real = dlsym(RTLD_NEXT, "fopen");
	return real(path, mode);
}

int open(const char *path, int flags, ...)
{
	va_list rest;
	int mode;

	va_start(rest, flags);
	mode = va_arg(rest, int);
	va_end(rest);
	if (is_table(path) && (flags & O_ACCMODE) == O_RDONLY)
		return open_table(path);
	return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
