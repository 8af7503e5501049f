# A recipe for Homebrew, filled in by `make homebrew`. It was never run on a Mac: what is proved is that it is Ruby, and
# that the source archive that it names builds. `brew update-python-resources` writes the `resource` blocks, one for
# each Python package with its address and digest, before `brew install --build-from-source`.
class SecurityHooks < Formula
  include Language::Python::Virtualenv

  desc "Judge of the tool calls of AI coding agents"
  homepage "SDIST_URL"
  url "SDIST_URL"
  sha256 "SDIST_SHA256"
  license "MIT"

  depends_on "pybind11" => :build
  depends_on "rust" => :build
  depends_on "abseil"
  depends_on "python@3.13"
  depends_on "re2"

  def install
    virtualenv_install_with_resources
    # The shim stands beside the program that looks for it there, and hook lines name it.
    bin.install_symlink libexec/"bin/security-hooks-shim"
    man1.install_symlink Dir[libexec/"share/man/man1/*.1"]
    generate_completions_from_executable(bin/"security-hooks", "completions", shells: [:bash, :zsh, :fish])
  end

  def caveats
    <<~EOS
      Wire your agents, and have launchd keep the daemon running:
        security-hooks install --all
        security-hooks service install
        security-hooks doctor
      Before `brew uninstall`, take it out again:
        security-hooks uninstall --all
        security-hooks service uninstall
    EOS
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/security-hooks --version")
    assert_match "deny critical-deletion", shell_output("#{bin}/security-hooks check 'rm -rf ~'", 2)
    assert_match version.to_s, shell_output("#{bin}/security-hooks-shim --version")
  end
end
