// The guest of `make vm`: one static program that is the first process of the machine (runner.c) and, copied to the
// paths that scenarios name, every program they run (actor.c). The line protocol stands in runner.c.
#pragma once

enum {
  RESULT_FD = 3, // the actor's answers, one line each
  GO_FD = 4,     // the operations it is to perform, one line each
};

// What an actor has still to execute before it is what a scenario asks for: paths separated by spaces.
#define STEPS "ACTOR_STEPS"
// What a program that a scenario executes returns, so that a program that never ran cannot pass for one that did.
#define RAN 42

// Runs the steps of the environment; never returns.
void act(const char *steps);

// Replaces %XX by the byte; in place.
void unescape(char *text);
