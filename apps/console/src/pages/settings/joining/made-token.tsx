/** Made token: the ways to install a device with a new join token. The dialog notices when the device has joined. */
import type { DeviceInstallation } from '@skerry/contract/joining/device-installation'
import type { JoinToken } from '@skerry/contract/joining/join'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, Hourglass } from 'lucide-react'
import { Tabs } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Dialog } from '../../../components/dialogs/dialog.tsx'
import { queries } from '../../../hub/queries.ts'
import { texts } from '../../../texts/english.ts'
import { settingsTexts } from '../english-settings.ts'
import { QrCode } from '../people/qr-code.tsx'
import { ShownOnce } from '../shown-once.tsx'
import { readInstallLine } from './install-line.ts'
import { InstallWarnings } from './install-warnings.tsx'

const words = settingsTexts.tokens
const WAYS = ['systemd', 'container', 'hand'] as const
type Way = (typeof WAYS)[number]

type MadeProps = {
  token: string
  record: JoinToken | undefined
  /** Absent from an older hub. */
  installation: DeviceInstallation | undefined
  onClose: () => void
}

export const MadeToken = ({ token, record, installation, onClose }: MadeProps) => (
  <Dialog
    isOpen
    isWide
    onClose={onClose}
    title={words.made}
    lead={words.shownOnce}
    footer={<Button onClick={onClose}>{texts.common.close}</Button>}
  >
    <div className="grid items-start gap-5 sm:grid-cols-[minmax(0,1fr)_auto]">
      <div className="flex min-w-0 flex-col gap-4">
        {installation && <InstallWarnings installation={installation} />}
        <Ways token={token} />
        {record && <Waiting record={record} />}
      </div>
      <figure className="flex flex-col items-center gap-2">
        <QrCode text={token} label={words.made} />
        <figcaption className="text-xs text-soft">{words.scan}</figcaption>
      </figure>
    </div>
  </Dialog>
)

/** The line is null from a hub without a package. Then only the way by hand works. */
function Ways({ token }: { token: string }) {
  const { data: line, isPending } = useQuery({
    queryKey: ['install-line', token],
    queryFn: () => readInstallLine(token),
  })
  const [chosen, setChosen] = useState<Way>()
  if (isPending) return null
  const content: Readonly<Record<Way, () => ReactNode>> = {
    systemd: () => <Installed line={line} says={words.service} />,
    container: () => <Installed line={line && inContainer(line)} says={words.container} hint={words.containerHint} />,
    hand: () => (
      <>
        <p className="text-sm text-soft">{words.run}</p>
        <ShownOnce value={`skerry agent --join ${token}`} what={words.made} />
      </>
    ),
  }
  return (
    <Tabs.Root
      value={chosen ?? (line ? 'systemd' : 'hand')}
      onValueChange={(next) => setChosen(WAYS.find((way) => way === next))}
    >
      <Tabs.List aria-label={words.ways} className="mb-3 flex gap-1 border-b border-line">
        {WAYS.map((way) => (
          <Tabs.Trigger
            key={way}
            value={way}
            className="-mb-px border-b-2 border-transparent px-3 py-1.5 text-sm font-medium whitespace-nowrap text-soft hover:text-text data-[state=active]:border-accent data-[state=active]:text-text"
          >
            {words.way[way]}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {WAYS.map((way) => (
        <Tabs.Content key={way} value={way} className="flex min-w-0 flex-col gap-2">
          {content[way]()}
        </Tabs.Content>
      ))}
      <p className="mt-3 text-xs text-soft">{words.agent}</p>
    </Tabs.Root>
  )
}

/** A container has no systemd, and keeps the folder in a volume. */
const inContainer = (line: string) => line.replace('sh -s -- ', 'sh -s -- --no-service --dir /var/lib/skerry-agent ')

type InstalledProps = { line: string | null | undefined; says: string; hint?: string }

const Installed = ({ line, says, hint }: InstalledProps) =>
  line ? (
    <>
      <p className="text-sm text-soft">{words.install}</p>
      <ShownOnce value={line} what={words.installLine} />
      <p className="text-xs text-soft">{says}</p>
      {hint !== undefined && <p className="text-xs text-soft">{hint}</p>}
    </>
  ) : (
    <p className="text-sm text-soft">{words.noPackage}</p>
  )

/** The hub announces no change of a token while a device joins. So the dialog fetches this often. */
const EVERY_MS = 2_000

/** How many devices have joined with the token. Absent for a caller who may not list tokens. */
function Waiting({ record: { id, site, usesMax } }: { record: JoinToken }) {
  const { data } = useQuery({ ...queries.tokens(), refetchInterval: EVERY_MS })
  const uses = data?.find((token) => token.id === id)?.uses ?? 0
  const isDone = uses >= usesMax
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg border border-line px-3 py-2 text-sm"
    >
      {isDone ? (
        <CircleCheck size={16} aria-hidden className="text-good" />
      ) : (
        <Hourglass size={16} aria-hidden className="text-warn" />
      )}
      <span className="min-w-0 flex-1">{words.joining(uses, usesMax)}</span>
      {uses > 0 && (
        <Link
          to="/devices"
          search={{ q: `site.name == ${JSON.stringify(site)}`, sort: 'name' }}
          className="rounded font-medium text-accent hover:underline"
        >
          {words.open(site)}
        </Link>
      )}
    </div>
  )
}
