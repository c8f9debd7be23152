//! What the process of the server has used, from /proc (Linux).

use std::{fs, io, time::Duration};

use super::options::Options;

/// Linux counts CPU time in these, on every architecture.
const TICKS_PER_SECOND: u64 = 100;

pub(crate) struct ServerProcess(Option<u32>);

/// `None` if no process was named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// User and system, of all threads.
    pub(crate) cpu: Option<Duration>,
    /// Bytes of memory that it has in RAM.
    pub(crate) resident: Option<u64>,
}

#[derive(Debug, thiserror::Error)]
#[error("process {pid} can't be looked at in /proc")]
pub(crate) struct ProcessError {
    pid: u32,
    #[source]
    cause: io::Error,
}

impl ServerProcess {
    pub(crate) fn of(options: &Options) -> Result<Self, ProcessError> {
        let process = Self(options.server_pid);
        process.usage()?;
        Ok(process)
    }

    pub(crate) fn usage(&self) -> Result<Usage, ProcessError> {
        let Some(pid) = self.0 else {
            return Ok(Usage::default());
        };
        let read = |name| {
            let text = fs::read_to_string(format!("/proc/{pid}/{name}"));
            text.map_err(|cause| ProcessError { pid, cause })
        };
        Ok(Usage {
            cpu: cpu(&read("stat")?),
            resident: resident(&read("status")?),
        })
    }
}

impl Usage {
    /// The CPU time since then, and the memory that came on top.
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            cpu: self.cpu.zip(before.cpu).map(|(now, then)| now - then),
            resident: (self.resident.zip(before.resident))
                .map(|(now, then)| now.saturating_sub(then)),
        }
    }
}

/// utime and stime, which are the 14th and 15th field; the second is the name, which may contain anything.
fn cpu(stat: &str) -> Option<Duration> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_linux_are_read() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194304 1 2 3 4 150 25 0 0 20 0 4 0 1 2 3\n";
        assert_eq!(cpu(stat), Some(Duration::from_millis(1750)));
        let status = "Name:\tstomp-testbed\nVmHWM:\t    9000 kB\nVmRSS:\t    8000 kB\n";
        assert_eq!(resident(status), Some(8000 * 1024));
    }
}
