/** Alias tags: `@champion`, with its target if that is not clear from the place. */
import { texts } from '../../texts/english.ts'

/** The names, with or without their version numbers. */
export function AliasTags({ aliases }: { aliases: Readonly<Record<string, number>> | readonly string[] }) {
  const entries: [string, number | undefined][] = Array.isArray(aliases)
    ? aliases.map((name: string) => [name, undefined])
    : Object.entries(aliases)
  if (entries.length === 0) return <span className="text-faint">{texts.common.none}</span>
  return (
    <span className="flex flex-wrap gap-1">
      {entries.map(([name, version]) => (
        <span key={name} className="rounded-full bg-accent/10 px-2 text-xs leading-5 font-medium text-accent">
          @{name}
          {version !== undefined && <span className="font-normal"> → {version}</span>}
        </span>
      ))}
    </span>
  )
}
