/**
 * Form shape: the fields of a source or a sink. `npm run generate` derives them from the schema of each protocol, so
 * that the page need not load the code that reads schemas.
 */
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import { FORMS } from './generated/protocol-texts.ts'

/**
 * `structure` is a field that has parts of its own; people write it as short YAML. The parts of a `variant` depend on its
 * part `kind`, and each has a field.
 */
type FieldKind = 'text' | 'number' | 'integer' | 'switch' | 'choice' | 'secret' | 'structure' | 'variant'

export type FormField = {
  /** Its name in the definition. */
  name: string
  kind: FieldKind
  isRequired?: boolean
  /** Whether it stands in the folded part of the form. */
  isAdvanced?: boolean
  help?: string
  /** The value that counts if the field is absent. */
  fallback?: string | number | boolean
  min?: number
  max?: number
  choices?: readonly (string | number)[]
  variants?: readonly FormVariant[]
}

export type FormVariant = { kind: string; fields: readonly FormField[] }

export type FormShape = { connection: readonly FormField[]; tag: readonly FormField[] }

/** The protocols of a kind, in the order of their names. */
export const protocolsOf = (kind: ConnectionKind): string[] => Object.keys(FORMS[kind]).toSorted()

/** The form of a protocol. Undefined if this console does not know the protocol. */
export const shapeOf = (kind: ConnectionKind, protocol: string): FormShape | undefined => FORMS[kind][protocol]
