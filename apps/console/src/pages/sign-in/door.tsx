/** Door: the frame of all pages before a person is signed in. */
import { type ReactNode, useEffect } from 'react'
import { texts } from '../../texts/english.ts'
import markUrl from '../../theme/mark.svg'

/** A page that is one card in the middle. */
export function Door({ title, lead, children }: { title: string; lead: ReactNode; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · ${texts.shell.product}`
  }, [title])
  return (
    <main className="grid min-h-full place-items-center p-6">
      <div className="card w-full max-w-md p-7">
        <div className="flex items-center gap-3">
          <img src={markUrl} alt="" className="size-10" />
          <div>
            <p className="text-sm font-medium text-soft">{texts.shell.product}</p>
            <h1 className="text-xl leading-tight font-semibold tracking-tight">{title}</h1>
          </div>
        </div>
        <p className="mt-4 text-sm text-soft">{lead}</p>
        {children}
      </div>
    </main>
  )
}

type DoorFormProps = { submit: () => void; verb: string; blocked: boolean; children: ReactNode }

/** Fields, with the only button under them. */
export const DoorForm = ({ submit, verb, blocked, children }: DoorFormProps) => (
  <form
    noValidate
    className="mt-5 flex flex-col gap-4"
    onSubmit={(event) => {
      event.preventDefault()
      if (!blocked) submit()
    }}
  >
    {children}
    <button
      type="submit"
      disabled={blocked}
      className="h-10 rounded-md bg-accent px-4 text-sm font-medium text-on-accent transition-colors hover:bg-accent-strong disabled:bg-raised disabled:text-faint"
    >
      {verb}
    </button>
  </form>
)

/** A link to another way, in words. */
export const DoorLink = ({ onClick, children }: { onClick: () => void; children: ReactNode }) => (
  <button type="button" onClick={onClick} className="rounded text-sm font-medium text-accent hover:underline">
    {children}
  </button>
)
