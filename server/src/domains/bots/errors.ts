// The failures of trees.

import { defineErrors } from "../../kernel/errors.ts";

export const botErrors = defineErrors({
  treeNotFound: { code: "bots.tree_not_found", status: 404, sentence: "There is no such tree." },
  nodeNotFound: {
    code: "bots.node_not_found",
    status: 404,
    sentence: "There is no such node in this tree's live version.",
  },
  invalidTree: {
    code: "bots.invalid_tree",
    status: 422,
    sentence: "The tree cannot be used as it is. See errors for every mistake and where it is.",
  },
  notPublished: {
    code: "bots.not_published",
    status: 422,
    sentence: "The tree has no published version. Publish it first.",
  },
  changed: {
    code: "bots.changed",
    status: 412,
    sentence: "The tree was changed by somebody else meanwhile. Read it again and repeat your change.",
  },
});
