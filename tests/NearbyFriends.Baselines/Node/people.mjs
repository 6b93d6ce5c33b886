// Everybody and their friends, from the file that FRIENDS names in the environment.
import { readFileSync } from "node:fs";

/** Line N: the id of user N, then those of the user's friends. */
export const people = readFileSync(process.env.FRIENDS, "utf8").split("\n").map((line) => line.split(" "));
