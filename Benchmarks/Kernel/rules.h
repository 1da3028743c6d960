// Rules as lines of a text, for the baseline's maps: KIND PATH SOURCE FLAGS, a source of `-` for none.
#ifndef RULES_H
#define RULES_H

// A map with the rules of a file, and as many elements as it takes; -1 if there is none.
int rules_map(const char *file);

#endif
