/** Credential columns: what the lists of keys and of join tokens show alike. */
import type { Permission } from '@skerry/contract/people/permissions'
import { GuardedButton } from '../../components/button.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import type { Column } from '../../components/rows/data-table.tsx'

type TimeColumn<Row> = {
  id: string
  header: string
  ms: (row: Row) => number | undefined
  sortValue: (row: Row) => number
}

/** When something of it was or will be. */
export const timeColumn = <Row,>({ id, header, ms, sortValue }: TimeColumn<Row>): Column<Row> => ({
  id,
  header,
  width: '7rem',
  sortValue,
  cell: (row) => (
    <span className="text-soft">
      <Instant ms={ms(row)} />
    </span>
  ),
})

type StateColumn<Row, State extends string> = {
  header: string
  names: Readonly<Record<State, string>>
  stateOf: (row: Row) => State
}

/** Whether it opens anything still. */
export const stateColumn = <Row, State extends string>(options: StateColumn<Row, State>): Column<Row> => ({
  id: 'state',
  header: options.header,
  width: '6rem',
  sortValue: options.stateOf,
  cell: (row) => {
    const state = options.stateOf(row)
    return (
      <Badge tone={state === 'good' ? 'good' : 'idle'} isPlain>
        {options.names[state]}
      </Badge>
    )
  },
})

type RevokeColumn<Row> = {
  verb: string
  permission: Permission
  isRevocable: (row: Row) => boolean
  onRevoke: (row: Row) => void
}

/** What takes it back, where there is something to take back. */
export const revokeColumn = <Row,>({ verb, permission, isRevocable, onRevoke }: RevokeColumn<Row>): Column<Row> => ({
  id: 'revoke',
  header: verb,
  width: '5.5rem',
  isRight: true,
  cell: (row) =>
    isRevocable(row) && (
      <GuardedButton permission={permission} look="danger" isSmall onClick={() => onRevoke(row)}>
        {verb}
      </GuardedButton>
    ),
})
