#include "engine/nodes/uml/image.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "engine/nodes/uml/recipe.h"

namespace labreel {
namespace {

// Debian Policy 5.6.7: lower case letters, digits, plus, minus, period.
bool is_package_name(const std::string& name) {
  const auto fits = [](unsigned char letter) {
    return std::islower(letter) != 0 || std::isdigit(letter) != 0 || std::strchr("+-.", letter) != nullptr;
  };
  return name.size() > 1 && std::isalnum(static_cast<unsigned char>(name[0])) != 0 &&
         std::all_of(name.begin(), name.end(), fits);
}

}  // namespace

std::string image_fault(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename();
  if (name.size() > kImageName_bytes_max) {
    return "the name of an image has at most " + std::to_string(kImageName_bytes_max) + " bytes";
  }
  std::array<char, 4> magic{};
  std::ifstream in(path, std::ios::binary);
  if (!in) return "it cannot be read";
  in.read(magic.data(), magic.size());
  if (!in || std::string_view(magic.data(), magic.size()) != "hsqs") return "it is no squashfs";
  return {};
}

Status build_image(const std::string& path, const std::vector<std::string>& packages,
                   const std::function<void(std::string_view)>& on_progress) {
  for (const std::string& package : packages) {
    if (!is_package_name(package)) return Error{ErrorKind::usage, "no package has the name " + package, {}, {}};
  }
  const std::string target = std::filesystem::absolute(path);
  if (std::filesystem::path(target).filename().string().size() > kImageName_bytes_max) {
    return Error{ErrorKind::usage, image_fault(target), path, "give it a shorter name"};
  }
  std::vector<std::string> arguments{target};
  arguments.insert(arguments.end(), packages.begin(), packages.end());
  std::string last;
  const int status = run_recipe(build_script("image"), arguments, [&](std::string_view line) {
    last = line;
    if (on_progress) on_progress(line);
  });
  if (status == 0) return ok_status();
  const std::string missing = words_of_recipe(build_script("image"), {"missing"});
  return Error{ErrorKind::host, "the image could not be built: " + last, path,
               missing.empty() ? "are all of these packages in this host's Debian sources? apt-cache show NAME"
                               : "apt-get install " + missing};
}

}  // namespace labreel
