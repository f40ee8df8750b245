/** Build drawer: one build with the fidelity of each output, and the nodes that its recipe left in float. */
import type { Build } from '@skerry/contract/builds/build'
import { modelBytesOf } from '@skerry/core/builds/model-bytes'
import { taskText } from '@skerry/core/builds/task-fidelity'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Facts } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { Drawer } from '../../components/dialogs/drawer.tsx'
import { Copyable, shortDigest } from '../../components/facts/copyable.tsx'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { nameOfBuild } from './build-forms.ts'
import { buildTexts } from './english-builds.ts'
import { agreementText, differenceText, shareText } from './fidelity-text.ts'
import { RemoveBuild } from './remove-build.tsx'

const words = buildTexts.details

/** Shows the build that the address names. `wholeBytes` are those of the version. */
type DrawerProps = { builds: readonly Build[]; wholeBytes: number }

export function BuildDrawer({ builds, wholeBytes }: DrawerProps) {
  const { build: id } = useSearch({ from: '/inside/models/$model/versions/$version/builds' })
  const navigate = useNavigate({ from: '/models/$model/versions/$version/builds' })
  const build = builds.find((each) => each.id === id)
  if (!build) return null
  const hasTasks = build.fidelity.some(({ task }) => task)
  const close = () => void navigate({ search: (before) => ({ ...before, build: undefined }) })
  return (
    <Drawer title={nameOfBuild(build, builds)} onClose={close}>
      <div className="flex flex-col gap-5">
        <BuildFacts build={build} wholeBytes={wholeBytes} />
        <section>
          <h3 className="mb-2 text-sm font-semibold">{words.outputs}</h3>
          <div className="card overflow-hidden">
            <PlainTable
              label={words.outputs}
              headers={[
                words.output,
                buildTexts.list.columns.agreement,
                buildTexts.list.columns.difference,
                ...(hasTasks ? [buildTexts.run.labels] : []),
              ]}
              rows={build.fidelity.map(({ output, agreement, difference, task }) => ({
                key: output,
                cells: [
                  <code key="output" className="font-mono text-xs wrap-anywhere">
                    {output}
                  </code>,
                  agreementText(agreement),
                  differenceText(difference),
                  ...(hasTasks ? [task ? taskText(task) : '–'] : []),
                ],
              }))}
            />
          </div>
        </section>
        <Skipped build={build} />
        <DrawerActions build={build} name={nameOfBuild(build, builds)} />
      </div>
    </Drawer>
  )
}

/** A narrow table has no room for these. */
const DrawerActions = ({ build, name }: { build: Build; name: string }) => (
  <div className="flex gap-2 border-t border-line pt-4">
    <DeployButton search={{ model: build.name, version: String(build.version), build: build.id }} />
    <RemoveBuild build={build} name={name} isLarge />
  </div>
)

function BuildFacts({ build, wholeBytes }: { build: Build; wholeBytes: number }) {
  const { id, recipe, digest, files, changed, skippedCount, createdBy, createdAtMs } = build
  const bytes = modelBytesOf(files)
  return (
    <>
      <p className="text-sm text-soft">{buildTexts.recipes[recipe].does}</p>
      <Facts
        rows={[
          [words.build, <Copyable key="id" value={id} what={words.build} />],
          [words.recipe, <code key="recipe">{recipe}</code>],
          [words.digest, <Copyable key="digest" value={digest} shown={shortDigest(digest)} what={words.digest} />],
          [words.size, words.sizeOf(sizeText(bytes), shareText(bytes, wholeBytes))],
          [words.changed, words.nodes(changed)],
          [words.left, words.nodes(skippedCount)],
          [
            words.by,
            <span key="by">
              {createdBy}, <Instant ms={createdAtMs} />
            </span>,
          ],
        ]}
      />
    </>
  )
}

function Skipped({ build: { skipped, skippedCount } }: { build: Build }) {
  const more = skippedCount - skipped.length
  // Two nodes may have no name, and the order never changes.
  const keyed = skipped.map((each, index) => ({ ...each, key: `${index}` }))
  return (
    <section>
      <h3 className="mb-2 text-sm font-semibold">{words.skipped}</h3>
      {skippedCount === 0 && <p className="text-sm text-soft">{words.skippedNone}</p>}
      <ul className="flex flex-col gap-2 text-sm">
        {keyed.map(({ key, node, operator, reason }) => (
          <li key={key} className="wrap-anywhere">
            <code className="font-mono text-xs">{node || '–'}</code>{' '}
            <span className="rounded-md bg-raised px-1.5 py-0.5 font-mono text-2xs">{operator}</span>
            <span className="block text-xs text-soft">{reason}</span>
          </li>
        ))}
      </ul>
      {more > 0 && <p className="mt-2 text-xs text-soft">{words.more(more)}</p>}
    </section>
  )
}
