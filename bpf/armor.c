#include "armor.h"
