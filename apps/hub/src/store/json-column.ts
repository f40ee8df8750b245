/** JSON columns: text in the database (every engine has it), typed by the table that holds it. Only what we wrote ourselves is read back. */

/** JSON text of a T. The brand exists in types only; `toJson` is the way to one. */
export type Json<T> = string & { readonly __json: T }

/** The value as a column keeps it. */
export const toJson = <T>(value: T): Json<T> => JSON.stringify(value) as Json<T>

/** The value that a column keeps. It is not parsed by a schema again: rows are written by this program only. */
export const fromJson = <T>(text: Json<T>): T => JSON.parse(text) as T
