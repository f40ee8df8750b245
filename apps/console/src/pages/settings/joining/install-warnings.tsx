/** Install warnings: the reasons why a new device cannot be installed yet, each with the commands that help. */
import type { DeviceInstallation } from '@skerry/contract/joining/device-installation'
import { installWarnings } from '@skerry/core/joining/install-warnings'
import { TriangleAlert } from 'lucide-react'
import { settingsTexts } from '../english-settings.ts'
import { ShownOnce } from '../shown-once.tsx'

const words = settingsTexts.tokens

export const InstallWarnings = ({ installation }: { installation: DeviceInstallation }) =>
  installWarnings(installation).map(({ code, message, commands }) => (
    <section key={code} role="alert" className="flex flex-col gap-2 rounded-lg border border-line p-3">
      <h3 className="flex items-center gap-2 text-sm font-medium text-warn">
        <TriangleAlert size={16} aria-hidden />
        {words.obstacles[code]}
      </h3>
      <p className="text-sm text-soft">{sentence(message)}</p>
      {code === 'address_local' ? <Alternatives commands={commands} /> : <Commands commands={commands} />}
    </section>
  ))

const Commands = ({ commands }: { commands: readonly string[] }) =>
  commands.map((command) => <ShownOnce key={command} value={command} what={words.obstacleCommand} />)

/** A computer has many addresses, and the command that installs a device must stay in view below them. */
function Alternatives({ commands }: { commands: readonly string[] }) {
  const others = commands.slice(1)
  return (
    <>
      <Commands commands={commands.slice(0, 1)} />
      {others.length > 0 && (
        <details>
          <summary className="cursor-pointer text-sm text-soft">{words.otherAddresses(others.length)}</summary>
          <div className="mt-2 flex flex-col gap-2">
            <Commands commands={others} />
          </div>
        </details>
      )}
    </>
  )
}

/** The command line shows the same words after "Warning:". */
const sentence = (message: string) => `${message.charAt(0).toUpperCase()}${message.slice(1)}:`
