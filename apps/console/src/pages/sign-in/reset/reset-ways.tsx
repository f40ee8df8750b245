/** Reset ways: what else opens the account of a reset, before and after the new password is chosen. */
import type { ResetOutlook, ResetResult, WaysIn } from '@skerry/contract/devices/reset'
import { resetTexts } from './english-reset.ts'

const words = resetTexts

type Outlook = { outlook: ResetOutlook; kept: readonly string[]; onKept: (kept: readonly string[]) => void }

/** What happens to each, and which keys are to stay. Nothing where there is nothing. */
export function OutlookList({ outlook: { isFirstProof, ways }, kept, onKept }: Outlook) {
  const { keys } = ways
  const others = isFirstProof ? ways : { ...ways, keys: [] }
  if (linesOf(ways).length === 0) return null
  return (
    <div className="flex flex-col gap-3 text-sm">
      <WaysList title={isFirstProof ? words.allRemoved : words.stays} ways={others} />
      {!isFirstProof && keys.length > 0 && (
        <fieldset className="flex flex-col gap-1">
          <legend className="text-soft">{words.chooseKeys}</legend>
          {keys.map(({ id, name, organisation }) => (
            <label key={id} className="flex items-start gap-2">
              <input
                type="checkbox"
                className="mt-1"
                checked={kept.includes(id)}
                onChange={({ target }) => onKept(target.checked ? [...kept, id] : kept.filter((each) => each !== id))}
              />
              <span className="min-w-0 wrap-anywhere">{words.keep(name, organisation)}</span>
            </label>
          ))}
        </fieldset>
      )}
    </div>
  )
}

/** What was done. */
export const ResultList = ({ result: { removed, left } }: { result: ResetResult }) => (
  <div className="mt-4 flex flex-col gap-3 text-sm">
    <WaysList title={words.wasRemoved} ways={removed} />
    <WaysList title={words.isLeft} ways={left} />
    {linesOf(left).length > 0 && <p className="text-soft">{words.leftHint}</p>}
  </div>
)

function WaysList({ title, ways }: { title: string; ways: WaysIn }) {
  const lines = linesOf(ways)
  if (lines.length === 0) return null
  return (
    <section>
      <p className="text-soft">{title}</p>
      <ul aria-label={title} className="mt-1 list-disc pl-5">
        {lines.map(([key, line]) => (
          <li key={key} className="wrap-anywhere">
            {line}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Each with something that tells it from others of its name. */
const linesOf = ({ passkeys, providers, hasSecondFactor, keys }: WaysIn): [key: string, line: string][] => [
  ...passkeys.map((name, index): [string, string] => [`passkey ${index}`, words.passkey(name)]),
  ...providers.map((label): [string, string] => [`provider ${label}`, words.provider(label)]),
  ...(hasSecondFactor ? [['factor', words.factor] as [string, string]] : []),
  ...keys.map(({ id, name, organisation }): [string, string] => [id, words.key(name, organisation)]),
]
