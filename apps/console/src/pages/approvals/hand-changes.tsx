/** Hand changes: the effect of a batch, another role, an invitation or a key. */
import { INVITATION_SECONDS } from '@skerry/contract/api/access/user-procedures'
import type { BatchCommand } from '@skerry/contract/batches/batch-command'
import { shownFields } from '@skerry/core/batches/command-fields'
import { durationWords } from '@skerry/core/values/duration'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Facts } from '../../components/card.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { useMissing } from '../../hub/permission.ts'
import { batchQueries } from '../batches/batch-queries.ts'
import { batchesTexts } from '../batches/english-batches.ts'
import { peopleQueries } from '../settings/people/people-queries.ts'
import type { ChangeProps } from './asked-change.tsx'
import { approvalsTexts } from './english-approvals.ts'
import { textOf } from './input-text.ts'
import { RoleDifference } from './role-change.tsx'

const words = approvalsTexts.role

/** The change of `batch.send` and `batch.retry`. */
export function BatchChange({ input }: ChangeProps) {
  const batch = textOf(input.batch)
  const { data } = useQuery({ ...batchQueries.one(batch), retry: false })
  const { batch: terms } = approvalsTexts
  return (
    <div className="flex flex-col gap-2 text-sm">
      {data && (
        <>
          <p>{batchesTexts.commands[data.command.kind].does}</p>
          <Facts
            rows={[
              [terms.command, batchesTexts.commands[data.command.kind].name],
              ...commandRows(data.command),
              [terms.where, `${batchesTexts.devices(data.devices)}: ${data.selector}`],
              [
                terms.made,
                <span key="made">
                  {approvalsTexts.by(data.created.name)}
                  <Instant ms={data.created.atMs} isAbsolute />
                </span>,
              ],
              ...(data.reason ? [[terms.reason, data.reason] as const] : []),
            ]}
          />
        </>
      )}
      <Link
        to="/batches/$batch"
        params={{ batch }}
        className="self-start rounded font-medium text-accent hover:underline"
      >
        {terms.open}
      </Link>
    </div>
  )
}

/** Each of the command's own fields. */
const commandRows = (command: BatchCommand) =>
  Object.entries(shownFields(command)).map(
    ([name, value]) => [name, <code key={name}>{JSON.stringify(value)}</code>] as const,
  )

/** Shows the change of a `user.setRole` request. */
export function PersonChange({ input, isOpen }: ChangeProps) {
  const missing = useMissing('user.read')
  const { data } = useQuery({ ...peopleQueries.users(), enabled: missing === undefined })
  const id = textOf(input.user)
  const role = textOf(input.role)
  const person = data?.find((each) => each.id === id)
  return (
    <>
      <Facts
        rows={[
          [words.who, person ? `${person.name}, ${person.email}` : id],
          ...(person && isOpen ? [[words.from, person.role] as const] : []),
          [words.to, role],
        ]}
      />
      {isOpen && <RoleDifference from={person?.role} to={role} />}
    </>
  )
}

/** Shows the change of an `invitation.create` request. */
export const InvitationChange = ({ input, isOpen }: ChangeProps) => (
  <>
    <Facts
      rows={[
        [words.email, textOf(input.email) || words.anybody],
        [words.role, textOf(input.role)],
        [words.uses, textOf(input.usesMax ?? 1)],
        [words.ends, lifeText(input.expiresInSeconds ?? INVITATION_SECONDS)],
      ]}
    />
    {isOpen && <RoleDifference from={undefined} to={textOf(input.role)} />}
  </>
)

/** Shows the change of a `key.create` request. */
export const KeyChange = ({ input, isOpen }: ChangeProps) => (
  <>
    <Facts
      rows={[
        [words.name, textOf(input.name)],
        [words.role, textOf(input.role)],
        [words.ends, lifeText(input.expiresInSeconds)],
      ]}
    />
    {isOpen && <RoleDifference from={undefined} to={textOf(input.role)} />}
  </>
)

const lifeText = (seconds: unknown) => (typeof seconds === 'number' ? durationWords(seconds) : words.never)
