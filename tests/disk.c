/* A disk that can fail and lose power, for the tests: a library that is preloaded into the server (tests/faults.py).
 *
 * Files under FAULT_DIR are written as usual. Beside that, FAULT_SHADOW is kept as what a disk would hold if the
 * power went now: what was synced, and of what was not synced any part, in any order, torn at sectors.
 * FAULT_CONTROL is a small shared file: int[0] says what fails, int[1] counts the failures given, int[2] says after how
 * many writes the process ends as if it had been killed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOTHING, WRITE_EIO, SYNC_EIO, WRITE_ENOSPC, SYNC_LIES, SHORT_WRITE, SYNC_HANGS, CRASH };
enum { FILES = 4096, SECTOR = 512 };

struct change { off_t at; size_t size; struct change *next; int cut; char data[]; };
static struct { char path[PATH_MAX]; } opened[FILES]; /* by descriptor, relative to FAULT_DIR; "" for others */
struct file { char path[PATH_MAX]; struct change *first, *last; struct file *next; };
static struct file *files;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *dir, *shadow;
static volatile int *control;
static unsigned int dice;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_open)(const char *, int, ...);
static int (*real_fsync)(int), (*real_fdatasync)(int), (*real_close)(int), (*real_unlink)(const char *);
static int (*real_ftruncate)(int, off_t), (*real_rename)(const char *, const char *);

__attribute__((constructor)) static void begin(void) {
    if (real_rename) return; /* other libraries may call us before our own turn comes */
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_open = dlsym(RTLD_NEXT, "open64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_close = dlsym(RTLD_NEXT, "close");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_rename = dlsym(RTLD_NEXT, "rename");
    dir = getenv("FAULT_DIR");
    shadow = getenv("FAULT_SHADOW");
    const char *path = getenv("FAULT_CONTROL");
    int fd = path ? real_open(path, O_RDWR) : -1;
    if (fd >= 0) {
        void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (page != MAP_FAILED) control = page;
        real_close(fd);
    }
    dice = (unsigned int)getpid();
}

static const char *inside(const char *path) {
    size_t n = dir ? strlen(dir) : 0;
    if (!n || strncmp(path, dir, n) != 0 || path[n] != '/') return NULL;
    size_t m = strlen(path);
    /* The index of SQLite's log lives in shared memory and is made anew after a crash; it never reaches a disk. */
    return m > 4 && strcmp(path + m - 4, "-shm") == 0 ? NULL : path + n + 1;
}

static struct file *file_of(const char *path) {
    for (struct file *one = files; one; one = one->next)
        if (strcmp(one->path, path) == 0) return one;
    struct file *one = calloc(1, sizeof *one);
    snprintf(one->path, sizeof one->path, "%s", path);
    one->next = files;
    return files = one;
}

static int on_disk(const char *path, int flags) {
    char full[2 * PATH_MAX];
    if (!shadow) return -1;
    snprintf(full, sizeof full, "%s/%s", shadow, path);
    return real_open(full, flags, 0600);
}

static void reach(int fd, const struct change *one, size_t from, size_t size) {
    if (one->cut) {
        if (ftruncate(fd, one->at) != 0) return;
    } else {
        real_pwrite(fd, one->data + from, size, one->at + (off_t)from);
    }
}

/* A write that nobody synced: some of its sectors reach the disk at once, the others when it is synced. */
static void remember(const char *path, const void *data, size_t size, off_t at, int cut) {
    struct change *one = malloc(sizeof *one + size);
    *one = (struct change){.at = at, .size = size, .cut = cut};
    if (size) memcpy(one->data, data, size);
    struct file *file = file_of(path);
    if (file->last) file->last->next = one; else file->first = one;
    file->last = one;
    if (cut || rand_r(&dice) % 2) return;
    int fd = on_disk(path, O_WRONLY | O_CREAT);
    if (fd < 0) return;
    for (size_t from = 0; from < size; from += SECTOR)
        if (rand_r(&dice) % 2) reach(fd, one, from, size - from < SECTOR ? size - from : SECTOR);
    real_close(fd);
}

static void synced(const char *path) {
    struct file *file = file_of(path);
    if (control && control[0] == SYNC_LIES) return;
    int fd = file->first ? on_disk(path, O_WRONLY | O_CREAT) : -1;
    for (struct change *one = file->first, *next; one; one = next) {
        next = one->next;
        if (fd >= 0) reach(fd, one, 0, one->size);
        free(one);
    }
    file->first = file->last = NULL;
    if (fd >= 0) real_close(fd);
}

static const char *watched(int fd) { return fd >= 0 && fd < FILES && opened[fd].path[0] ? opened[fd].path : NULL; }

static int refused(int kind, int what, int number) {
    if (!control || control[0] != kind || !what) return 0;
    control[1]++;
    errno = number;
    return 1;
}

static int opening(const char *path, int flags, mode_t mode) {
    begin();
    int fd = real_open(path, flags, mode);
    const char *name = inside(path);
    if (fd >= 0 && fd < FILES) {
        pthread_mutex_lock(&lock);
        snprintf(opened[fd].path, PATH_MAX, "%s", name ? name : "");
        if (name && (flags & O_TRUNC)) remember(name, NULL, 0, 0, 1);
        pthread_mutex_unlock(&lock);
    }
    return fd;
}

#define OPEN(name)                                              \
    int name(const char *path, int flags, ...) {                \
        va_list rest;                                           \
        va_start(rest, flags);                                  \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                           \
        return opening(path, flags, mode);                      \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    begin();
    if (fd >= 0 && fd < FILES) opened[fd].path[0] = 0;
    return real_close(fd);
}

static ssize_t writing(int fd, const void *data, size_t size, off_t at) {
    begin();
    const char *path = watched(fd);
    if (path && (refused(WRITE_EIO, 1, EIO) || refused(WRITE_ENOSPC, 1, ENOSPC))) return -1;
    if (path && control && control[0] == CRASH && --control[2] <= 0) _exit(137);
    if (path && size > 1 && control && control[0] == SHORT_WRITE) {
        control[1]++;
        size /= 2;
    }
    ssize_t done = at < 0 ? real_write(fd, data, size) : real_pwrite(fd, data, size, at);
    if (path && done > 0) {
        pthread_mutex_lock(&lock);
        remember(path, data, (size_t)done, at < 0 ? lseek(fd, 0, SEEK_CUR) - done : at, 0);
        pthread_mutex_unlock(&lock);
    }
    return done;
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return writing(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { return writing(fd, data, size, at); }
ssize_t write(int fd, const void *data, size_t size) { return writing(fd, data, size, -1); }

static int syncing(int fd, int (**real)(int)) {
    begin();
    const char *path = watched(fd);
    if (path && refused(SYNC_EIO, 1, EIO)) return -1;
    while (path && control && control[0] == SYNC_HANGS) usleep(20000);
    if (path) {
        pthread_mutex_lock(&lock);
        synced(path);
        pthread_mutex_unlock(&lock);
        return 0; /* the real disk is not what is tested here */
    }
    return (*real)(fd);
}
int fsync(int fd) { return syncing(fd, &real_fsync); }
int fdatasync(int fd) { return syncing(fd, &real_fdatasync); }

static int cutting(int fd, off_t size) {
    begin();
    const char *path = watched(fd);
    if (path && refused(WRITE_EIO, 1, EIO)) return -1;
    int done = real_ftruncate(fd, size);
    if (path && done == 0) {
        pthread_mutex_lock(&lock);
        remember(path, NULL, 0, size, 1);
        pthread_mutex_unlock(&lock);
    }
    return done;
}
int ftruncate64(int fd, off64_t size) { return cutting(fd, size); }

int unlink(const char *path) {
    begin();
    const char *name = inside(path);
    char full[2 * PATH_MAX];
    if (name && shadow) {
        pthread_mutex_lock(&lock);
        snprintf(full, sizeof full, "%s/%s", shadow, name);
        real_unlink(full);
        struct file *file = file_of(name);
        file->first = file->last = NULL;
        pthread_mutex_unlock(&lock);
    }
    return real_unlink(path);
}

int rename(const char *from, const char *to) {
    begin();
    const char *a = inside(from), *b = inside(to);
    char old[2 * PATH_MAX], new[2 * PATH_MAX];
    if (a && b && shadow) {
        pthread_mutex_lock(&lock);
        snprintf(old, sizeof old, "%s/%s", shadow, a);
        snprintf(new, sizeof new, "%s/%s", shadow, b);
        real_rename(old, new);
        pthread_mutex_unlock(&lock);
    }
    return real_rename(from, to);
}
