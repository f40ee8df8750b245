/**
 * JSON columns: text in the database (every engine has it), typed by its table. Only text that the hub itself wrote is
 * read.
 */

/** JSON text of a T. The brand exists in types only; `toJson` makes such a text. */
export type Json<T> = string & { readonly __json: T }

/** The value in the form for a column. */
export const toJson = <T>(value: T): Json<T> => JSON.stringify(value) as Json<T>

/** The value of a column. No schema parses it again, because only this program writes rows. */
export const fromJson = <T>(text: Json<T>): T => JSON.parse(text) as T
