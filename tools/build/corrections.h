/* What people have found out about a gallery, applied to the plan of its next build: which entries are one person, and
   which photo shows somebody else. Nothing that the plan leaves out comes back. */
#ifndef TOOL_CORRECTIONS_H
#define TOOL_CORRECTIONS_H

#include "build_plan.h"

/* The files are those that the page saves, or written by hand: an object with any of
     "decisions":       as the page saves them; a photo of the roster that was confirmed as another entry's person joins
                        the two, one that was rejected as its own person is left out
     "same_person":     [["id", "id", …], …]: entries that are one person, under the first one's id and name
     "not_this_person": [{"photo": "path", "person": "id", "is": "id"}, …]: a photo that shows somebody else; it goes to
                        the entry "is", or out of the gallery without one
   A person is named by id, or by a name that only one has. Adds notes on what was done, and on decisions that concern
   nothing here. Fails where an entry names nobody, or where two contradict each other. */
bool corrections_apply(const name_list *paths, build_plan *plan, sentence *why);

#endif
