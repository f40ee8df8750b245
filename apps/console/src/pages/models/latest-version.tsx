/** Latest version: leads to the page of the newest version of a model or a flow. */
import { Link } from '@tanstack/react-router'
import { texts } from '../../texts/english.ts'

type LatestVersionProps = { name: string; version: number | undefined; label: (version: number) => string }

export const LatestVersion = ({ name, version, label }: LatestVersionProps) =>
  version === undefined ? (
    <span className="text-faint">{texts.common.none}</span>
  ) : (
    <Link
      to="/models/$model/versions/$version"
      params={{ model: name, version: String(version) }}
      className="rounded text-accent hover:underline"
    >
      {label(version)}
    </Link>
  )
