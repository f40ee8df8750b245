/** Columns: definitions that many tables share. A row is deleted with the device or user that it belongs to. */
import type { ColumnDefinitionBuilder } from 'kysely'

type Column = ColumnDefinitionBuilder

export const required = (column: Column) => column.notNull()

export const primary = (column: Column) => column.primaryKey()

/**
 * Every table of an organisation's records has this column. Each query names it, so that it finds no record of another
 * organisation.
 */
export const ofOrganisation = (column: Column) => column.notNull().references('organisations.id')

export const onePerOrganisation = (column: Column) => column.primaryKey().references('organisations.id')

export const ofDevice = (column: Column) => column.notNull().references('devices.id').onDelete('cascade')

export const onePerDevice = (column: Column) => column.primaryKey().references('devices.id').onDelete('cascade')

export const ofUser = (column: Column) => column.notNull().references('users.id').onDelete('cascade')
