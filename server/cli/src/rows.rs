//! `query` and `test`: looking at what an environment shows.

use crate::exit::Exit;
use crate::options::{Format, RowsFormat, WorkArguments};
use crate::render;
use crate::work::{site, with_crew};
use seeknal_service::carry;
use seeknal_service::told::rows;
use std::path::Path;

pub(crate) fn query(
    project: &Path,
    (environment, sql): (&str, &str),
    (most, format): (usize, RowsFormat),
) -> Exit {
    let work = WorkArguments::quiet(project);
    let asked = || -> Result<Exit, Exit> {
        let site = site(project, "query")?;
        let answer = with_crew(&work, |crew| carry::answer(&site, (environment, sql), most, crew))?;
        render::out(&match format {
            RowsFormat::Text => rows::table(&answer),
            RowsFormat::Csv => rows::csv(&answer),
            RowsFormat::Json => format!("{:#}\n", rows::json(&answer)),
        });
        if answer.is_cut {
            render::err(&format!("Only the first {most} rows are shown; `--limit` takes more.\n"));
        }
        Ok(Exit::Done)
    };
    asked().unwrap_or_else(|exit| exit)
}

pub(crate) fn test(environment: &str, work: &WorkArguments) -> Exit {
    let tested = || -> Result<Exit, Exit> {
        let site = site(&work.project, "test")?;
        let trials = with_crew(work, |crew| carry::test(&site, environment, None, crew))?;
        let count = rows::count(&trials);
        if work.format == Format::Json {
            render::out(&format!("{}\n", rows::count_json(environment, count)));
        } else {
            for trial in &trials {
                if let Err(why) = &trial.tried {
                    render::out(&format!("  ERROR   {} {why}\n", trial.node));
                }
            }
            if !work.quiet {
                render::out(&rows::summary(environment, count));
            }
        }
        Ok(if count.failed > 0 { Exit::Found } else { Exit::Done })
    };
    tested().unwrap_or_else(|exit| exit)
}
