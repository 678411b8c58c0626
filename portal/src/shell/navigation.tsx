import {
  IconBox,
  IconChartBar,
  IconFileSearch,
  IconFiles,
  IconKey,
  IconListDetails,
  IconMessage2,
  type TablerIcon,
} from '@tabler/icons-react'
import { Link, type LinkProps } from '@tanstack/react-router'
import classes from './navigation.module.css'

const PLACES: readonly {
  title: string
  places: readonly (readonly [NonNullable<LinkProps['to']>, string, TablerIcon])[]
}[] = [
  {
    title: 'Fine-tuning',
    places: [
      ['/jobs', 'Jobs', IconListDetails],
      ['/check-file', 'Check a file', IconFileSearch],
      ['/files', 'Files', IconFiles],
    ],
  },
  {
    title: 'Serving',
    places: [
      ['/models', 'Models', IconBox],
      ['/playground', 'Playground', IconMessage2],
    ],
  },
  {
    title: 'Account',
    places: [
      ['/usage', 'Usage', IconChartBar],
      ['/keys', 'API keys', IconKey],
    ],
  },
]

export function Navigation() {
  return (
    <nav aria-label="Main" className={classes.navigation}>
      {PLACES.map(({ title, places }) => (
        <div key={title}>
          <p className={classes.title}>{title}</p>
          <ul className={classes.places}>
            {places.map(([to, name, Icon]) => (
              <li key={name}>
                <Link to={to} className={classes.place} activeOptions={{ exact: false }}>
                  <Icon size={18} stroke={1.6} aria-hidden="true" />
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}
